package rules

import (
	"github.com/parallax-sec/parallax/event"
)

// hashKind is the first value that is hashed and says what is hashed and how.
const hashKind = "rule set 1"

// Hash names what the set makes of events with a kind of matching: 26 characters of lower-case base32. It depends on the bytes of the files in
// their order and on the fields that this program knows, and not on where the files are.
func (s *Set) Hash(m Matching) string {
	b := event.AppendIDPart(nil, s.content)
	return string(event.AppendContentID(nil, append(b, byte(m))))
}

// contentOf is the content id of files and fields.
func contentOf(env Env, files []File) string {
	b := event.AppendIDPart(nil, hashKind)
	for i := range env.Fields {
		if f := &env.Fields[i]; f.Get != nil {
			b = event.AppendIDPart(b, f.Name)
		}
	}
	for _, f := range files {
		kind := byte('u')
		if f.Builtin {
			kind = 'b'
		}
		b = event.AppendIDPart(append(b, 0, kind), string(f.Data))
	}
	return string(event.AppendContentID(nil, b))
}
