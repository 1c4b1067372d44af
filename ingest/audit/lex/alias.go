package lex

import "unsafe"

// Alias is b as a string that shares its memory: it is valid as long as nobody writes to b.
func Alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
