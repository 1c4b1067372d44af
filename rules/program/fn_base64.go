package program

import (
	"encoding/base64"
	"strings"
)

// decodeBase64 decodes the standard alphabet. Up to two "=" at the end are dropped, right or wrong in number; the bits
// that are left over must be zero (as Base64::decodeWithoutPadding of falcosecurity/libs).
func decodeBase64(b *textBuffer, s string) (string, bool) {
	if s == "" {
		return "", true
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	if s == "" || strings.ContainsAny(s, "\r\n") { // which the decoder of encoding/base64 would skip
		return "", false
	}
	enc := base64.RawStdEncoding.Strict()
	buf, err := enc.AppendDecode(b.grow(len(s)), bytesOf(s))
	if err != nil {
		return "", false
	}
	return b.text(buf), true
}
