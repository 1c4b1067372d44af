package lex

import "unicode/utf8"

// AppendQuoted appends s as a JSON string in which nothing is escaped that need not be.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		dst = appendEscaped(dst, c)
	}
	return append(dst, '"')
}

// AppendRequoted appends a string, of which raw is what stands between its quotes, as AppendQuoted would append what it reads.
func AppendRequoted(dst, raw []byte) []byte {
	dst = append(dst, '"')
	for len(raw) > 0 {
		r, size := decodeRune(raw)
		dst, raw = appendEscaped(dst, r), raw[size:]
	}
	return append(dst, '"')
}

// appendEscaped appends a character of a string, with quotes, backslashes and control characters escaped (RFC 8259, section 7).
func appendEscaped(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, '\\', 'n')
	case r == '\r':
		return append(dst, '\\', 'r')
	case r == '\t':
		return append(dst, '\\', 't')
	case r < ' ':
		return append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
	}
	return utf8.AppendRune(dst, r)
}
