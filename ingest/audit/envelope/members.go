package envelope

import (
	"bytes"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// maxMembers is how many members of an object are looked at.
const maxMembers = 256

// members are the members of an object, in their order.
type members struct{ all []member }

type member struct{ key, value []byte }

// readMembers reads an object that was checked to be one. Of a longer one it reads maxMembers.
func readMembers(object []byte) (m members) {
	m.all = make([]member, 0, 16)
	eachMember(object, func(key, value []byte) bool {
		m.all = append(m.all, member{key, value})
		return len(m.all) < maxMembers
	})
	return m
}

// get is the value of a key, of equal ones the last; nil where there is none, or null.
func (m *members) get(key string) []byte {
	for i := len(m.all) - 1; i >= 0; i-- {
		if string(m.all[i].key) == key {
			if v := m.all[i].value; len(v) > 0 && v[0] != 'n' {
				return v
			}
			return nil
		}
	}
	return nil
}

func (m *members) has(key string) bool { return m.get(key) != nil }

// str is what the string at a key reads; "" where there is none.
func (m *members) str(key string) string { return plainText(m.get(key)) }

// plainText is what a JSON string reads; "" where v is none.
func plainText(v []byte) string {
	if !isString(v) {
		return ""
	}
	raw := v[1 : len(v)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return lex.Alias(raw)
	}
	return string(lex.AppendText(nil, raw))
}

// eachMember calls f for the members of an object, until it returns false.
func eachMember(object []byte, f func(key, value []byte) bool) {
	r := lex.Reader{Data: object}
	if r.Peek() != '{' {
		return
	}
	more, err := r.Open()
	for more && err == nil {
		var k lex.String
		if k, err = r.Key(); err != nil {
			return
		}
		key := object[k.Start:k.End]
		if k.Escaped {
			key = lex.AppendText(nil, key)
		}
		at := r.Pos
		if !r.Skip() || !f(key, object[at:r.Pos]) {
			return
		}
		more, err = r.Next('}')
	}
}

// eachElement calls f for the elements of an array.
func eachElement(array []byte, f func(value []byte)) {
	r := lex.Reader{Data: array}
	if r.Peek() != '[' {
		return
	}
	more, err := r.Open()
	for more && err == nil {
		at := r.Pos
		if !r.Skip() {
			return
		}
		f(array[at:r.Pos])
		more, err = r.Next(']')
	}
}

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }
func isArray(v []byte) bool  { return len(v) > 0 && v[0] == '[' }
func isString(v []byte) bool { return len(v) > 1 && v[0] == '"' }

// trim leaves out the blanks around a text.
func trim(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }
