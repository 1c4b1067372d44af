package kernel

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Names, paths and arguments may hold any byte, and JSON texts may not: in facts, and in what is kept of sessions, a byte that is not
// UTF-8 stands as \xNN, and a backslash as \\.

const hexDigits = "0123456789abcdef"

func escapeText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b []byte
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, '\\', 'x', hexDigits[s[0]>>4], hexDigits[s[0]&15])
		case r == '\\':
			b = append(b, `\\`...)
		default:
			b = append(b, s[:n]...)
		}
		s = s[n:]
	}
	return string(b)
}

// unescapeText undoes escapeText. A backslash that begins nothing stands for itself.
func unescapeText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b []byte
	for len(s) > 0 {
		n := 1
		switch {
		case strings.HasPrefix(s, `\\`):
			b, n = append(b, '\\'), 2
		case strings.HasPrefix(s, `\x`) && len(s) >= 4:
			if c, err := hex.DecodeString(s[2:4]); err == nil {
				b, n = append(b, c[0]), 4
				break
			}
			fallthrough
		default:
			b = append(b, s[0])
		}
		s = s[n:]
	}
	return string(b)
}

func mapTexts(texts []string, f func(string) string) []string {
	if texts == nil {
		return nil
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = f(t)
	}
	return out
}

// found and session are Found and Session as JSON has them.
type (
	found   Found
	session Session
)

func (f *found) mapTexts(to func(string) string) {
	f.Name, f.CgroupPath = to(f.Name), to(f.CgroupPath)
	if f.Program != nil {
		p := *f.Program
		p.ExePath, p.Cwd, p.Args = to(p.ExePath), to(p.Cwd), mapTexts(p.Args, to)
		f.Program = &p
	}
}

func (s *session) mapTexts(to func(string) string) {
	s.ExePath, s.Name, s.ByName, s.Args = to(s.ExePath), to(s.Name), to(s.ByName), mapTexts(s.Args, to)
}

// MarshalJSON gives f as a fact has it.
func (f Found) MarshalJSON() ([]byte, error) {
	j := found(f)
	j.mapTexts(escapeText)
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON gave.
func (f *Found) UnmarshalJSON(b []byte) error {
	err := json.Unmarshal(b, (*found)(f))
	(*found)(f).mapTexts(unescapeText)
	return err
}

// MarshalJSON gives s as a fact has it.
func (s Session) MarshalJSON() ([]byte, error) {
	j := session(s)
	j.mapTexts(escapeText)
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON gave.
func (s *Session) UnmarshalJSON(b []byte) error {
	err := json.Unmarshal(b, (*session)(s))
	(*session)(s).mapTexts(unescapeText)
	return err
}
