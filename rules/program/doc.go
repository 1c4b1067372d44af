// Package program compiles checked conditions into one immutable program and evaluates it.
//
// In go conditions whose names, macros, lists and constants are resolved (Node); out come the conditions that hold for
// an event, in the order in which they were given, each with the element of its scope that made it hold. It does no I/O, starts no
// goroutine and reads no clock. A Program may be shared; an Evaluator belongs to one goroutine.
//
//	[]Input -> Compile -> *Program -> NewEvaluator -> Eval(event) -> []Hit
//
// An event costs what its own values need, nearly whatever the number of conditions:
//
//   - A slot is a term that conditions ask about: a field with its argument, or a transformer. Its value is read at most once an event.
//   - One look-up, or one pass over the text, finds which constants and patterns of all conditions are in it: its signature. Values
//     with one signature are a class, and a class has a bitmap of the conditions that it leaves over. How many classes there
//     can be depends on the conditions, never on the events; caches have a fixed size.
//   - The slots that most conditions name are asked first, in an order that a tree of decisions, grown from the events, remembers. The others
//     are asked only while a condition that is left depends on them, those that want a body decoded last.
//   - What a condition says across slots ("a=1 or b=2", "a=val(b)") is a residual: it is judged for the conditions that are left, as soon as
//     the slots that it looks at are asked, from the classes' bitmaps.
//
// Condition judges a single condition without any of this.
package program
