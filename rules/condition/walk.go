package condition

// Walk calls visit for e and everything below it, left to right.
func Walk(e Expr, visit func(Expr)) {
	visit(e)
	switch e := e.(type) {
	case *And:
		walkAll(e.Kids, visit)
	case *Or:
		walkAll(e.Kids, visit)
	case *Not:
		Walk(e.Kid, visit)
	}
}

func walkAll(kids []Expr, visit func(Expr)) {
	for _, k := range kids {
		Walk(k, visit)
	}
}

// Fields calls visit for every field that the check names, on either side and inside transformers.
func (e *Check) Fields(visit func(*Field)) {
	fieldsOf(e.Left, visit)
	fieldsOf(e.Right, visit)
}

func fieldsOf(o Operand, visit func(*Field)) {
	switch o := o.(type) {
	case *Field:
		visit(o)
	case *Call:
		for _, a := range o.Args {
			fieldsOf(a, visit)
		}
	case *List:
		for _, i := range o.Items {
			fieldsOf(i, visit)
		}
	}
}
