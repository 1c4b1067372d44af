package event

// Type is what a field's values are; operators and literals of a rule are checked against it when the rule is loaded.
type Type uint8

// The types. A list is a Type with Field.List set.
const (
	Text   Type = iota
	Number      // unsigned integer
	Bool        // "true" or "false" as text
	Bytes       // text that may hold any byte
	IP          // an address, as text
	Net         // an address compared with networks
	Int         // signed integer: Value.SetInt, Value.Int
)

// String returns the type's name as documentation prints it.
func (t Type) String() string {
	return [...]string{"string", "number", "bool", "bytes", "ip", "net", "int"}[t]
}

// ArgKind says whether a field takes an argument in brackets.
type ArgKind uint8

// The kinds of argument.
const (
	ArgNone  ArgKind = iota
	ArgIndex         // optional [n]
	ArgKey           // required [key]
	ArgAny           // optional [key] or [n]
)

// Field is one thing that can be asked about events of a source. Tables of fields are exported by ingest/*, printed by
// `parallax rules fields` and docs/FIELDS.md, and resolved by name once, when rules are compiled.
type Field struct {
	Name   string // as rules write it: "ka.verb"
	Source Source
	Type   Type
	List   bool
	Arg    ArgKind
	// Any says that the value without an argument is a list of which one has to fit, whatever the comparison, though the field
	// is compared like a single value of Type; numbers are then decimal texts in the list. With an argument the value is one.
	Any    bool
	Scope  Scope    // ScopeEvent, or the scope whose elements are judged one by one
	Doc    string   // one or two sentences
	From   string   // where in the source's own data it comes from: "objectRef.resource"
	Null   string   // when there is no value
	Values []string // the closed set of values, if it is one
	// Traced are the values that events of this version can have, where rules may name others: one that can hold for none of
	// these is blind. nil where there is no such bound.
	Traced []string
	Cost   uint8 // 0 free, 1 cheap (decoded with the event), 2 wants a body decoded: the evaluator asks in this order

	// Raw is set where values are pieces of an API object as they stand, secrets among them, which outputs mask: the JSON
	// pointer of the piece, to which the argument is added.
	Raw string
	// Prepare checks the text in the brackets once, when a rule is compiled, and may store what it parsed in Arg.Prepared.
	// nil where any text will do.
	Prepare func(*Arg) error
	// Get sets v to the field's value. nil where nothing is traced yet that has this field: rules that name it are blind,
	// and Untraced says why.
	Get      func(e Event, a *Arg, v *Value)
	Untraced string
}

// Arg is the argument of a field in a rule, and the element of the scope that is being judged.
type Arg struct {
	Text     string // what stood in the brackets, without quotes
	Has      bool   // there were brackets
	Index    int    // Text as a number, or -1
	Prepared any    // what Field.Prepare made of it
	Elem     int    // element of Field.Scope; the evaluator sets it
}

// Kind says what a Value holds.
type Kind uint8

// The kinds of value. The zero Value is missing.
const (
	Missing Kind = iota
	KindText
	KindNumber
	KindList
)

// Value is what a field is in one event. Its texts may point into the event and are valid as long as the event is.
// Its memory is used again by the next Set: keep a Value to avoid allocations.
type Value struct {
	kind Kind
	num  uint64
	text string
	list []string
}

// Kind says what v holds.
func (v *Value) Kind() Kind { return v.kind }

// Text is the value where Kind is KindText.
func (v *Value) Text() string { return v.text }

// Number is the value where Kind is KindNumber.
func (v *Value) Number() uint64 { return v.num }

// List is the value where Kind is KindList; it is never empty, since an empty list is a missing value.
func (v *Value) List() []string { return v.list }

// Clear makes v missing and forgets the elements of a list, which would keep the event's memory alive.
func (v *Value) Clear() {
	clear(v.list)
	v.kind, v.list = Missing, v.list[:0]
}

// SetText makes v a text. The empty text is a present value.
func (v *Value) SetText(s string) { v.kind, v.text = KindText, s }

// SetBool makes v the text "true" or "false".
func (v *Value) SetBool(b bool) {
	if b {
		v.SetText("true")
	} else {
		v.SetText("false")
	}
}

// SetNumber makes v a number.
func (v *Value) SetNumber(n uint64) { v.kind, v.num = KindNumber, n }

// signBit, added to signed numbers, makes the order of unsigned numbers theirs.
const signBit = 1 << 63

// SetInt makes v a signed number: what Number then gives is IntNumber(n), so that comparing is the same for both kinds.
func (v *Value) SetInt(n int64) { v.SetNumber(IntNumber(n)) }

// Int is the value that SetInt set.
func (v *Value) Int() int64 { return int64(v.num ^ signBit) }

// IntNumber maps signed numbers to unsigned ones of the same order.
func IntNumber(n int64) uint64 { return uint64(n) ^ signBit }

// Append adds an element to v, which must be missing or a list. Clear begins a new list.
func (v *Value) Append(s string) { v.kind, v.list = KindList, append(v.list, s) }
