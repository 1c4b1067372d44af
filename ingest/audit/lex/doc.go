// Package lex reads JSON text in place: it checks values, finds where they end and says what strings read.
//
// It accepts what encoding/json accepts, nested up to MaxDepth, and reads strings as encoding/json does: bytes that are not
// UTF-8 and half surrogate pairs are U+FFFD. It keeps nothing and allocates nothing but errors; a Reader belongs to one goroutine.
//
//	[]byte -> Reader -> offsets of strings and values -> AppendText
package lex
