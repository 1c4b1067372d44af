package condition

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		e, err := Parse(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			return
		}
		if got := e.String(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
		checkRoundTrip(t, e)
	}
	// operators and blanks
	f(`ka.verb exists`, `ka.verb exists`)
	f(`ka.verb=get`, `ka.verb = get`)
	f(" \t\r\n\bka.verb == 'get' ", `ka.verb = get`)
	f(`ka.verb in(get,list)`, `ka.verb in (get, list)`)
	f(`ka.verb in ()`, `ka.verb in ()`)
	f(`ka.verb in shells`, `ka.verb in shells`)
	f(`ka.verb pmatch ( /a , "b c" )`, `ka.verb pmatch (/a, "b c")`)
	f(`fd.num>=-1`, `fd.num >= -1`)
	f(`a.b < 0xFf`, `a.b < 0xFf`)
	f(`a.b > 1.5e+3`, `a.b > 1.5e+3`)
	f(`a.b = *`, `a.b = *`)
	f(`a.b = ge\t`, `a.b = ge\t`)
	// modifiers, and words that only look like them
	f(`a.b = anyof (x, y)`, `a.b = anyof (x, y)`)
	f(`a.b startswith oneof ( x )`, `a.b startswith oneof (x)`)
	f(`a.b = anyof`, `a.b = anyof`)
	f(`a.b contains allof and c.d exists`, `a.b contains allof and c.d exists`)
	// precedence, parentheses, not
	f(`a.b exists or c.d exists and e.f exists`, `a.b exists or c.d exists and e.f exists`)
	f(`(a.b exists or c.d exists)and(e.f exists)`, `(a.b exists or c.d exists) and e.f exists`)
	f(`((a.b exists))`, `a.b exists`)
	f(`not not a.b exists`, `a.b exists`)
	f(`not not(a.b exists)`, `a.b exists`)
	f(`not (not a.b exists)`, `not (not a.b exists)`)
	f(`not m and n`, `not m and n`)
	f(`not(m and n)`, `not (m and n)`)
	f(`notable or order or android`, `notable or order or android`)
	// fields and their arguments
	f(`ka.uri.param[command]=sh`, `ka.uri.param[command] = sh`)
	f(`ka.uri.param["a b"]=sh`, `ka.uri.param["a b"] = sh`)
	f(`jevt.value[/a/b~1c]!=1`, `jevt.value[/a/b~1c] != 1`)
	// transformers and val
	f(`len(ka.user.groups) = 1`, `len(ka.user.groups) = 1`)
	f(`concat(a.b, "-", 5) = x`, `concat(a.b, "-", "5") = x`)
	f(`join(",", ("a", b.c)) = x`, `join(",", ("a", b.c)) = x`)
	f(`getopt(a.b, "ab:")[b] = x`, `getopt(a.b, "ab:")[b] = x`)
	f(`a.b = tolower( toupper(c.d) )`, `a.b = tolower(toupper(c.d))`)
	f(`a.b in val( c.d[1] )`, `a.b in val(c.d[1])`)
	f(`a.b = len`, `a.b = len`)
	// quoted strings
	f(`a.b = "x\"y\\z\/"`, `a.b = "x\"y\\z/"`)
	f(`a.b = 'x\'y\ '`, `a.b = "x'y\ "`)
	f(`a.b = "\n\t\r\b\f"`, `a.b = "\n\t\r\b\f"`)
	f(`a.b = ""`, `a.b = ""`)
}

func TestParseErrors(t *testing.T) {
	f := func(in string, offset int, want string) {
		t.Helper()
		_, err := Parse(in)
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: no syntax error but %v", in, err)
			return
		}
		if se.Offset != offset || !strings.Contains(se.Error(), want) {
			t.Errorf("%s\ngot  %d %s\nwant %d %s", in, se.Offset, se, offset, want)
		}
	}
	f(``, 0, `expected a field, a macro, '(' or 'not', found the end`)
	f(`a.b`, 3, `expected an operator`)
	f(`a.b is c`, 4, `expected an operator, found "is"`)
	f(`a.b oneof (c)`, 4, `expected an operator, found "oneof"`)
	f(`a.b = `, 6, `expected a string, val(field) or a transformer, found the end`)
	f(`a.b < c`, 6, `expected a number`)
	f(`a.b in (c d)`, 10, `expected ',' or ')', found "d"`)
	f(`a.b in (c,)`, 10, `expected a string, found ")"`)
	f(`a.b in 7`, 7, `expected a list in parentheses`)
	f(`a.b exists # note`, 11, `expected 'and', 'or' or the end, found "#"`)
	f(`(a.b exists`, 11, `expected 'and', 'or' or ')', found the end`)
	f(`a.b exists andc.d exists`, 14, `expected a blank or '(' after 'and'`)
	f(`a.b = "x`, 6, `the quoted string does not end`)
	f(`a.b = "x\\"`, 6, `the quoted string does not end`)
	f(`a.b = "x\qy"`, 8, `unknown escape`)
	f(`a.b = 'x\"y'`, 8, `unknown escape`)
	f(`a.b[] = x`, 4, `expected an argument, found "]"`)
	f(`a.b[c = x`, 5, `expected ']'`)
	f(`lower(a.b) = x`, 0, `unknown transformer, found "lower"`)
	f(`a.b = val(tolower(c.d))`, 10, `expected a field`)
	f(`concat(a.b c.d) = x`, 11, `expected ',' or ')'`)
	f(`concat(a) = x`, 7, `expected a field, a transformer, a quoted string or a number`)
	f("a.b exists \xff", 11, `found "\xff"`)
}

func TestDepthIsBounded(t *testing.T) {
	nest := func(open, middle, closing string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(closing, n)
	}
	for _, n := range []int{100, maxDepth} {
		if _, err := Parse(nest("(", "a.b exists", ")", n)); err != nil {
			t.Errorf("%d parentheses: %v", n, err)
		}
	}
	deep := []string{
		nest("(", "a.b exists", ")", 100_000),
		nest("not(", "a.b exists", ")", 100_000),
		nest("tolower(", "a.b", ")", 100_000) + " = x",
	}
	for _, in := range deep {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("%.20s...: %v", in, err)
		}
	}
}

func TestPositions(t *testing.T) {
	in := `m and not x.y = "q" or len(p.q) in (r, s)`
	at := map[string]int{}
	e, err := Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	Walk(e, func(e Expr) {
		switch e := e.(type) {
		case *Macro:
			at["macro"] = e.At
		case *Not:
			at["not"] = e.At
		case *Check:
			at[string(e.Op)] = e.OpAt
			e.Fields(func(f *Field) { at[f.Name] = f.At })
			if l, ok := e.Right.(*List); ok {
				at["s"] = l.Items[1].Pos()
			}
		}
	})
	want := map[string]int{"macro": 0, "not": 6, "=": 14, "x.y": 10, "p.q": 27, "in": 32, "s": 39}
	if d := cmp.Diff(want, at); d != "" {
		t.Error(d)
	}
}

func TestQuoteRoundTrip(t *testing.T) {
	for _, s := range []string{"", `\`, `\\`, `"`, `\"`, `a\`, "\n\v\x00\xff", `'`, `/`, ` \ `} {
		q := Quote(s)
		if n := quotedLen(q, 0); n != len(q) {
			t.Errorf("%q: %s ends after %d", s, q, n)
			continue
		}
		if got, bad := unquote(q); bad >= 0 || got != s {
			t.Errorf("%q: %s is read as %q", s, q, got)
		}
	}
}

func TestParseField(t *testing.T) {
	f := func(in, want string, n int) {
		t.Helper()
		field, got := ParseField(in)
		if got != n || field != nil && field.String() != want {
			t.Errorf("%s: %v %d, want %s %d", in, field, got, want, n)
		}
	}
	f("ka.verb.", "ka.verb", 7)
	f("ka.verb[0]x", "ka.verb[0]", 10)
	f("ka.verb[0", "ka.verb", 7)
	f("ka", "", 0)
}
