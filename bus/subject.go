package bus

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Subjects below plx. are what streams listen to. Agents publish to gatePrefix instead, where a hub looks at each message before
// it is stored (Gate).
const (
	subjectAudit      = "plx.audit"
	subjectNode       = "plx.rt"
	subjectFalco      = "plx.falco"
	subjectControl    = "plx.ctl"
	subjectAlert      = "plx.alert"
	subjectFact       = "plx.fact"
	subjectDead       = "plx.dlq"
	subjectQuarantine = "plx.quarantine"
)

// kinds says how the subjects of the kinds of batches begin, how many tokens follow, and how their origins begin.
var kinds = map[event.BatchKind]struct {
	prefix string
	tokens int
	origin string
}{
	event.BatchAudit:   {subjectAudit, 2, "audit"},
	event.BatchMatches: {subjectNode, 1, "node"},
	event.BatchFalco:   {subjectFalco, 1, "falco"},
	event.BatchControl: {subjectControl, 1, "ctl"},
}

// maxTokenBytes bounds a name in a subject: those of Kubernetes have at most 253 bytes. Three such names, escaped whole, are
// less than the 4 kB that a server's control line may have.
const maxTokenBytes = 253

// errName is what is wrong with a name that cannot stand in a subject.
var errName = errors.New("a name on the bus has 1 to 253 bytes")

// subjectOf returns the subject of a batch.
func subjectOf(kind event.BatchKind, source []string) (string, error) {
	k, known := kinds[kind]
	if !known || len(source) != k.tokens {
		return "", fmt.Errorf("batch kind %d does not have %d names", kind, len(source))
	}
	subject := k.prefix
	for _, name := range source {
		token, err := encodeToken(name)
		if err != nil {
			return "", err
		}
		subject += "." + token
	}
	return subject, nil
}

// parseSubject is the reverse of subjectOf: the kind of a batch, and its origin as readers of events name it.
func parseSubject(subject string) (event.BatchKind, string, error) {
	for kind, k := range kinds {
		rest, is := strings.CutPrefix(subject, k.prefix+".")
		if !is {
			continue
		}
		tokens := strings.Split(rest, ".")
		if len(tokens) != k.tokens {
			break
		}
		origin := k.origin
		for _, token := range tokens {
			name, err := decodeToken(token)
			if err != nil {
				return 0, "", err
			}
			origin += "/" + name
		}
		return kind, origin, nil
	}
	return 0, "", fmt.Errorf("nothing is read from the subject %q", subject)
}

// encodeToken writes a name as one token of a subject: letters, digits, _ and - are themselves, any other byte is %XX. So names
// with dots, wildcards or spaces are one token, and different names are different tokens.
func encodeToken(name string) (string, error) {
	if name == "" || len(name) > maxTokenBytes {
		return "", fmt.Errorf("%w: %.40q", errName, name)
	}
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; plainByte(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), nil
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// decodeToken is the reverse of encodeToken. Only what that writes is taken, so that two tokens never are the same name.
func decodeToken(token string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		c := token[i]
		if c == '%' && i+2 < len(token) {
			if _, err := fmt.Sscanf(token[i+1:i+3], "%02X", &c); err != nil {
				return "", fmt.Errorf("no name: %.40q", token)
			}
			i += 2
		}
		b.WriteByte(c)
	}
	name := b.String()
	if back, err := encodeToken(name); err != nil || back != token {
		return "", fmt.Errorf("no name: %.40q", token)
	}
	return name, nil
}
