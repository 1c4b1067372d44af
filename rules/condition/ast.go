package condition

// Expr is a condition or a part of one: *And, *Or, *Not, *Macro or *Check. It is immutable.
type Expr interface {
	// Pos is the offset in bytes of the first thing that belongs to the expression.
	Pos() int
	// String is text that parses to the same expression, positions aside.
	String() string
	expr()
}

// And holds when all its kids hold. There are at least two.
type And struct{ Kids []Expr }

// Or holds when one of its kids holds. There are at least two.
type Or struct{ Kids []Expr }

// Not holds when its kid does not.
type Not struct {
	At  int
	Kid Expr
}

// Macro is a reference to a macro.
type Macro struct {
	At   int
	Name string
}

// Check is one comparison.
type Check struct {
	Left  Operand // a *Field or a *Call
	Op    Op
	OpAt  int
	Mod   Mod
	Right Operand // nil for OpExists; a *Field is what val() named
}

// Operand is one side of a comparison or an argument of a transformer: *Field, *Call, *Text or *List.
type Operand interface {
	Pos() int
	operand()
}

// Field names a field of the event.
type Field struct {
	At     int
	Name   string
	HasArg bool
	Arg    string // what stood in the brackets, unquoted
	ArgAt  int
}

// Call is a transformer applied to its arguments.
type Call struct {
	At     int
	Fn     string
	Args   []Operand
	HasOpt bool
	Opt    string // getopt(...)[Opt]
}

// Text is a constant: a quoted or bare string, or a number as it was written.
type Text struct {
	At    int
	Value string
}

// List is a list in parentheses. On the right side of a comparison all its items are *Text.
type List struct {
	At    int
	Items []Operand
}

// Op is an operator as it is written; "==" is read as "=".
type Op string

// The operators.
const (
	OpExists      Op = "exists"
	OpLt          Op = "<"
	OpLe          Op = "<="
	OpGt          Op = ">"
	OpGe          Op = ">="
	OpEq          Op = "="
	OpNe          Op = "!="
	OpGlob        Op = "glob"
	OpIGlob       Op = "iglob"
	OpContains    Op = "contains"
	OpIContains   Op = "icontains"
	OpBContains   Op = "bcontains"
	OpStartsWith  Op = "startswith"
	OpBStartsWith Op = "bstartswith"
	OpEndsWith    Op = "endswith"
	OpRegex       Op = "regex"
	OpIntersects  Op = "intersects"
	OpIn          Op = "in"
	OpPMatch      Op = "pmatch"
)

// Mod says how many of the right side's items must match a scalar comparison.
type Mod string

// The modifiers.
const (
	ModNone  Mod = ""
	ModOneOf Mod = "oneof" // exactly one
	ModAnyOf Mod = "anyof" // at least one
	ModAllOf Mod = "allof" // all
)

// Pos is where the first kid begins.
func (e *And) Pos() int { return e.Kids[0].Pos() }

// Pos is where the first kid begins.
func (e *Or) Pos() int { return e.Kids[0].Pos() }

// Pos is where "not" begins.
func (e *Not) Pos() int { return e.At }

// Pos is where the name begins.
func (e *Macro) Pos() int { return e.At }

// Pos is where the left side begins.
func (e *Check) Pos() int { return e.Left.Pos() }

// Pos is where the name begins.
func (o *Field) Pos() int { return o.At }

// Pos is where the transformer's name begins.
func (o *Call) Pos() int { return o.At }

// Pos is where the text or its quote begins.
func (o *Text) Pos() int { return o.At }

// Pos is where the parenthesis opens.
func (o *List) Pos() int { return o.At }

func (*And) expr()   {}
func (*Or) expr()    {}
func (*Not) expr()   {}
func (*Macro) expr() {}
func (*Check) expr() {}

func (*Field) operand() {}
func (*Call) operand()  {}
func (*Text) operand()  {}
func (*List) operand()  {}
