package program

import (
	"encoding/base64"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// The reference evaluator: conditions as RULE LANGUAGE says, in the plainest way, sharing nothing with the program.
// A value is nil (missing), a string, a uint64 or a []string.

func refEval(inputs []Input, e event.Event) []Hit {
	var hits []Hit
	for i, in := range inputs {
		if in.Source != e.Source() {
			continue
		}
		for elem := range e.Elements(in.Scope) {
			if refNode(in.Cond, e, elem) {
				hits = append(hits, Hit{i, elem})
				break
			}
		}
	}
	return hits
}

func refNode(n *Node, e event.Event, elem int) bool {
	switch n.Kind {
	case And:
		return !slices.ContainsFunc(n.Kids, func(k *Node) bool { return !refNode(k, e, elem) })
	case Or:
		return slices.ContainsFunc(n.Kids, func(k *Node) bool { return refNode(k, e, elem) })
	case Not:
		return !refNode(n.Kids[0], e, elem)
	case Check:
		return refTest(n.Test, e, elem)
	}
	return false
}

func refTest(t *Test, e event.Event, elem int) bool {
	left := refTerm(t.Left, e, elem)
	if left == nil {
		return false
	}
	if t.Op == Exists {
		return true
	}
	right, members := refRight(t, e, elem)
	if right == nil {
		return false
	}
	if list, ok := left.([]string); ok && refAny(t.Left) {
		return slices.ContainsFunc(list, func(s string) bool { return refOne(t, s, right, members) })
	}
	return refValueTest(t, left, right, members)
}

// refAny says whether one of the term's values has to fit.
func refAny(t Term) bool {
	switch t := t.(type) {
	case *FieldTerm:
		return t.Field.Any
	case *CallTerm:
		return t.Fn != "len" && t.Fn != "concat" && t.Fn != "join" && refAny(t.Args[0])
	}
	return false
}

// refOne compares one of several values.
func refOne(t *Test, s string, right any, members []string) bool {
	if f, ok := t.Left.(*FieldTerm); ok && f.Field.Type == event.Int {
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && refNumber(t, event.IntNumber(n), right)
	}
	return refValueTest(t, s, right, members)
}

func refValueTest(t *Test, left, right any, members []string) bool {
	list, isList := left.([]string)
	number, isNumber := left.(uint64)
	switch {
	case t.Op == In && isList:
		return !slices.ContainsFunc(list, func(s string) bool { return !refMember(t, s, members) })
	case t.Op == Intersects && isList:
		return slices.ContainsFunc(list, func(s string) bool { return refMember(t, s, members) })
	case isList:
		return false
	case isNumber:
		return refNumber(t, number, right)
	}
	text := left.(string)
	if t.Op == In || t.Op == Intersects || t.Op == PMatch || t.Mod == AnyOf || t.Mod == NoMod && refAny(t.Right.Term) {
		return slices.ContainsFunc(members, func(m string) bool { return refText(t, text, m) })
	}
	hits := 0
	for _, m := range members {
		if refText(t, text, m) {
			hits++
		}
	}
	switch t.Mod {
	case OneOf:
		return hits == 1
	case AllOf:
		return hits > 0 && hits == len(members)
	}
	return len(members) == 1 && hits == 1
}

// refRight is the right side as a value, and as a list of texts.
func refRight(t *Test, e event.Event, elem int) (any, []string) {
	if t.Right.Term == nil {
		return t.Right.Texts, t.Right.Texts
	}
	switch v := refTerm(t.Right.Term, e, elem).(type) {
	case string:
		return v, []string{v}
	case []string:
		return v, v
	case uint64:
		return v, nil
	}
	return nil, nil
}

func refMember(t *Test, s string, members []string) bool {
	if refIsNet(t) {
		return slices.ContainsFunc(t.Right.Nets, func(n netip.Prefix) bool { return refContains(n, s) })
	}
	return slices.Contains(members, s)
}

func refIsNet(t *Test) bool {
	f, ok := t.Left.(*FieldTerm)
	return ok && f.Field.Type == event.IP && t.Right.Term == nil
}

func refContains(n netip.Prefix, s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && n.Contains(a)
}

func refNumber(t *Test, n uint64, right any) bool {
	if r, ok := right.(uint64); ok {
		return refCompare(t.Op, n > r, n < r)
	}
	if t.Right.Term != nil {
		return false
	}
	hits := 0
	for _, r := range t.Right.Numbers {
		if refCompare(t.Op, n > r, n < r) {
			hits++
		}
	}
	switch t.Mod {
	case OneOf:
		return hits == 1
	case AllOf:
		return hits > 0 && hits == len(t.Right.Numbers)
	}
	return hits > 0
}

func refCompare(op Op, above, below bool) bool {
	switch op {
	case Eq, In, Intersects:
		return !above && !below
	case Ne:
		return above || below
	case Lt:
		return below
	case Le:
		return !above
	case Gt:
		return above
	}
	return op == Ge && !below
}

func refText(t *Test, s, c string) bool {
	if refIsNet(t) {
		n, err := netip.ParsePrefix(c)
		if err != nil {
			a := netip.MustParseAddr(c)
			n = netip.PrefixFrom(a, a.BitLen())
		}
		if _, err := netip.ParseAddr(s); err != nil {
			return false
		}
		return refContains(n, s) != (t.Op == Ne)
	}
	switch t.Op {
	case Contains, BContains:
		return strings.Contains(s, c)
	case IContains:
		return strings.Contains(strings.ToLower(s), strings.ToLower(c)) // the test's texts are ASCII
	case StartsWith, BStartsWith:
		return strings.HasPrefix(s, c)
	case EndsWith:
		return strings.HasSuffix(s, c)
	case Glob:
		return refGlob(c, s)
	case IGlob:
		return refGlob(strings.ToLower(c), strings.ToLower(s))
	case Regex:
		return regexp.MustCompile(`\A(?:` + c + `)\z`).MatchString(s)
	case PMatch:
		return refPathPrefix(refParts(c), refParts(s))
	}
	return refCompare(t.Op, s > c, s < c)
}

// refGlob is path.Match, in which "*" and "?" do not match a slash (so there are none) and a set is negated by ^ only.
func refGlob(pattern, s string) bool {
	pattern = strings.ReplaceAll(pattern, "[!", "[^")
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x01"), strings.ReplaceAll(s, "/", "\x01"))
	return ok && err == nil
}

func refParts(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "/"), func(p string) bool { return p == "" })
}

func refPathPrefix(search, parts []string) bool {
	if len(search) > len(parts) {
		return false
	}
	for i, p := range search {
		if p != parts[i] && !refGlob(p, parts[i]) {
			return false
		}
	}
	return true
}

func refTerm(t Term, e event.Event, elem int) any {
	switch t := t.(type) {
	case *FieldTerm:
		var v event.Value
		t.Field.Get(e, &event.Arg{Elem: elem}, &v)
		return refValue(&v)
	case *ConstTerm:
		return t.Text
	}
	call := t.(*CallTerm)
	var args []any
	for _, a := range call.Args {
		v := refTerm(a, e, elem)
		if v == nil {
			return nil
		}
		args = append(args, v)
	}
	return refCall(call.Fn, args)
}

func refValue(v *event.Value) any {
	switch v.Kind() {
	case event.KindText:
		return v.Text()
	case event.KindNumber:
		return v.Number()
	case event.KindList:
		return slices.Clone(v.List())
	}
	return nil
}

func refCall(fn string, args []any) any {
	list, isList := args[0].([]string)
	switch fn {
	case "len":
		if isList {
			return uint64(len(list))
		}
		return uint64(len(args[0].(string)))
	case "concat":
		return args[0].(string) + args[1].(string)
	case "join":
		return strings.Join(args[1].([]string), args[0].(string))
	}
	one := func(s string) (string, bool) {
		switch fn {
		case "tolower":
			return strings.ToLower(s), true
		case "toupper":
			return strings.ToUpper(s), true
		case "basename":
			return s[strings.LastIndex(s, "/")+1:], true
		}
		b, err := base64.RawStdEncoding.Strict().DecodeString(s)
		return string(b), err == nil
	}
	if !isList {
		if s, ok := one(args[0].(string)); ok {
			return s
		}
		return nil
	}
	var out []string
	for _, s := range list {
		s, ok := one(s)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}
