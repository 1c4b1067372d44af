// Package tape reads one JSON value into a flat list of nodes that is walked without building a tree.
//
// In goes the text of a body (requestObject, responseObject, a whole audit event); out comes a Doc, whose Nodes alias
// that text. It accepts exactly what encoding/json accepts, save for documents that are nested deeper than lex.MaxDepth or
// larger than MaxBytes or MaxNodes, and reads values as encoding/json does: the last of several equal keys wins and bytes
// that are not UTF-8 are read as U+FFFD. A Doc is used again for the next document and allocates only to grow.
// It belongs to one goroutine at a time, since texts are unescaped when they are asked for.
//
//	[]byte -> Doc.Parse -> Node -> Get, Lookup, Elements, Members -> Text
package tape
