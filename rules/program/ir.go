package program

import (
	"net/netip"

	"github.com/parallax-sec/parallax/event"
)

// NodeKind says what a Node is.
type NodeKind uint8

// The kinds of node.
const (
	And NodeKind = iota
	Or
	Not
	Check
	Never // a reference that can never hold (an empty list on the right side, say)
)

// Node is a checked condition: macros are expanded, lists substituted, fields and constants resolved. It is immutable.
type Node struct {
	Kind NodeKind
	Kids []*Node // And, Or: at least one; Not: exactly one
	Test *Test   // Check
}

// Op is a comparison.
type Op uint8

// The comparisons of the rule language.
const (
	Exists Op = iota
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	Contains
	IContains
	BContains
	StartsWith
	BStartsWith
	EndsWith
	Glob
	IGlob
	Regex
	In
	Intersects
	PMatch
)

// Mod is a list modifier of a scalar comparison.
type Mod uint8

// The modifiers.
const (
	NoMod Mod = iota
	OneOf     // exactly one
	AnyOf     // at least one
	AllOf     // all
)

// Test is one comparison. Semantics are those of RULE_LANGUAGE: a missing left or right side makes it false, whatever the operator.
type Test struct {
	Left  Term
	Op    Op
	Mod   Mod
	Right Right
}

// Right is what Left is compared with: a term (val(field) or a transformer), or constants.
type Right struct {
	Term Term // nil where constants are given
	// Texts are the constants: one for a scalar comparison without modifier, any number for lists.
	// Numbers runs parallel to Texts where Left is a number, those of an event.Int mapped by event.IntNumber; Nets where Left
	// is an IP or Net.
	Texts   []string
	Numbers []uint64
	Nets    []netip.Prefix
}

// Term is something that has a value in an event.
type Term interface{ term() }

// FieldTerm is a field with its prepared argument.
type FieldTerm struct {
	Field *event.Field
	Arg   event.Arg
}

// ConstTerm is a literal argument of a transformer.
type ConstTerm struct {
	Text string
	List []string // where the literal is a parenthesised list
}

// CallTerm is a transformer: tolower, toupper, b64, basename, len, join, concat, getopt; or list, which makes one list of its
// arguments where a parenthesised list holds more than constants.
type CallTerm struct {
	Fn   string
	Args []Term
	Opt  string // getopt(...)[Opt]
}

func (*FieldTerm) term() {}
func (*ConstTerm) term() {}
func (*CallTerm) term()  {}

// Input is one condition to compile.
type Input struct {
	Source event.Source
	Cond   *Node
	// Scope is that of the fields the condition names; ScopeEvent where it names none of another scope.
	// A condition with another scope holds once, for the first element that makes it hold.
	Scope event.Scope
}

// Hit is a condition that holds.
type Hit struct {
	Index int // of the Input
	Elem  int // the element of its scope
}
