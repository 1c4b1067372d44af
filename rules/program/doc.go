// Package program compiles checked conditions into one immutable program and evaluates it.
//
// In go conditions whose names, macros, lists and constants are resolved (Node); out come the conditions that hold for
// an event, in the order in which they were given, each with the element of its scope that made it hold. It does no I/O, starts no
// goroutine and reads no clock. A Program may be shared; an Evaluator belongs to one goroutine.
//
//	[]Input -> Compile -> *Program -> NewEvaluator -> Eval(event) -> []Hit
package program
