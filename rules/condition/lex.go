package condition

import "strings"

// There is no separate tokenizer: each terminal is tried where the cursor stands, as the grammar is not regular
// otherwise (a field, a bare string and an operator may begin alike).

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\b' || c == '\r' || c == '\n'
}

func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

func isBare(c byte) bool {
	return !isSpace(c) && !strings.ContainsRune("()\"'=,", rune(c))
}

func isBareArg(c byte) bool {
	return !isSpace(c) && !strings.ContainsRune("[]\"'", rune(c))
}

// span is how many bytes of s from i on satisfy is.
func span(s string, i int, is func(byte) bool) int {
	n := 0
	for i+n < len(s) && is(s[i+n]) {
		n++
	}
	return n
}

// identifierLen is the length of the identifier at s[i], 0 where there is none.
func identifierLen(s string, i int) int {
	if i >= len(s) || !isLetter(s[i]) {
		return 0
	}
	return span(s, i, isWord)
}

// IsIdentifier says whether s can be the name of a macro.
func IsIdentifier(s string) bool {
	return s != "" && identifierLen(s, 0) == len(s)
}

// IsBare says whether s needs no quotes as a constant, and so can be the name of a list.
func IsBare(s string) bool {
	return s != "" && span(s, 0, isBare) == len(s) && !strings.ContainsRune(s, '\b')
}

// fieldNameLen is the length of the field name at s[i]: identifiers joined by dots, at least two.
func fieldNameLen(s string, i int) int {
	end := i + identifierLen(s, i)
	parts := 0
	for end > i && end < len(s) && s[end] == '.' {
		n := identifierLen(s, end+1)
		if n == 0 {
			break
		}
		end += 1 + n
		parts++
	}
	if parts == 0 {
		return 0
	}
	return end - i
}

// numberLen is the length of the number at s[i]: hexadecimal, or decimal with an optional fraction and a signed exponent.
func numberLen(s string, i int) int {
	if strings.HasPrefix(s[i:], "0x") || strings.HasPrefix(s[i:], "0X") {
		if n := span(s, i+2, isHex); n > 0 {
			return 2 + n
		}
	}
	end := i
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	n := span(s, end, isDigit)
	if n == 0 {
		return 0
	}
	end += n
	if end < len(s) && s[end] == '.' {
		end++
		end += span(s, end, isDigit)
	}
	return end + exponentLen(s, end) - i
}

func exponentLen(s string, i int) int {
	if i+1 >= len(s) || s[i] != 'e' && s[i] != 'E' || s[i+1] != '+' && s[i+1] != '-' {
		return 0
	}
	if n := span(s, i+2, isDigit); n > 0 {
		return 2 + n
	}
	return 0
}

// quotedLen is the length of the quoted string at s[i], quotes included; 0 where there is none or it does not end.
// A quote after a backslash never ends a string, not even after two: that is how Falco reads it.
func quotedLen(s string, i int) int {
	if i >= len(s) || s[i] != '"' && s[i] != '\'' {
		return 0
	}
	for end := i + 1; end < len(s); end++ {
		if s[end] == s[i] && s[end-1] != '\\' {
			return end + 1 - i
		}
	}
	return 0
}

// unescapes are the escapes inside quotes; the quote itself is added to them. Backslash and blank is a backslash.
var unescapes = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '/': '/', ' ': '\\'}

// unquote returns the content of a quoted string; bad is the offset of an escape that does not exist, or -1.
func unquote(quoted string) (text string, bad int) {
	body := quoted[1 : len(quoted)-1]
	if strings.IndexByte(body, '\\') < 0 {
		return body, -1
	}
	b := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '\\' {
			i++
			if i == len(body) {
				return "", i
			}
			if c = unescapes[body[i]]; body[i] == quoted[0] {
				c = quoted[0]
			}
			if c == 0 {
				return "", i
			}
		}
		b = append(b, c)
	}
	return string(b), -1
}
