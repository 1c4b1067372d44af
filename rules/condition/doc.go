// Package condition reads the conditions of rules.
//
// In goes the text of a condition, with lists already substituted; out comes an immutable tree that knows where in
// the text each part stood, or a *SyntaxError that tells where reading stopped and what could have stood there.
// Names are not looked up here: fields, macros, types and literals are checked by package rules. The grammar is
// that of Falco's filters (falcosecurity/libs, userspace/libsinsp/filter/parser.h). Every function may be called
// concurrently; nothing is kept.
//
//	text -> Parse -> Expr -> String -> text
package condition
