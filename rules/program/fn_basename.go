package program

import "strings"

// baseName is what follows the last slash, all of s where there is none.
func baseName(_ *textBuffer, s string) (string, bool) {
	return s[strings.LastIndexByte(s, '/')+1:], true
}
