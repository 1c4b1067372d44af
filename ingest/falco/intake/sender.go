package intake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Sender is somebody who may send with a secret path, http://HOST/falco/TOKEN, since Falco sends no headers of one's own, or with a bearer token.
type Sender struct {
	Name  string // as alerts name it
	Token string
}

// minToken is how long a token is at least, in bytes.
const minToken = 16

var (
	senderName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	tokenChars = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`) // what needs no escape in a path (RFC 3986, unreserved)
)

// DefaultSender is the name of whoever uses a token that a file gives without a name.
const DefaultSender = "http"

// ParseSenders reads a file of tokens: one a line, with a name before it where there are several ("edge-1 TOKEN"). Empty lines and those that
// begin with # are passed over. Errors name the line, never the token.
func ParseSenders(data []byte) ([]Sender, error) {
	var out []Sender
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		s, err := parseSender(words)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.New("no token in it")
	}
	return out, nil
}

func parseSender(words []string) (Sender, error) {
	s := Sender{Name: DefaultSender, Token: words[0]}
	if len(words) == 2 {
		s = Sender{Name: words[0], Token: words[1]}
	}
	switch {
	case len(words) > 2:
		return s, errors.New("want a token, or a name and a token")
	case !senderName.MatchString(s.Name):
		return s, errors.New("a name is letters, digits, '.', '_' and '-', at most 63")
	case len(s.Token) < minToken || !tokenChars.MatchString(s.Token):
		return s, fmt.Errorf("a token is letters, digits, '.', '_', '~' and '-', at least %d", minToken)
	}
	return s, nil
}

// byToken finds senders by what they know. Tokens are compared as hashes, all of them each time, so that the time tells nothing.
type byToken []hashedSender

type hashedSender struct {
	name string
	hash [sha256.Size]byte
}

func hashSenders(senders []Sender) byToken {
	out := make(byToken, 0, len(senders))
	for _, s := range senders {
		out = append(out, hashedSender{s.Name, sha256.Sum256([]byte(s.Token))})
	}
	return out
}

func (b byToken) find(token string) (name string, ok bool) {
	given := sha256.Sum256([]byte(token))
	found := -1
	for i := range b {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(given[:], b[i].hash[:]), i, found)
	}
	if found < 0 {
		return "", false
	}
	return b[found].name, true
}

// maxCertName bounds the name that a certificate gives its owner, in bytes.
const maxCertName = 128

// certified is the name in the client's certificate, which the server has verified.
func certified(r *http.Request) (name string, ok bool) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.PeerCertificates) == 0 {
		return "", false
	}
	cert := r.TLS.PeerCertificates[0]
	name = cert.Subject.CommonName
	if name == "" && len(cert.DNSNames) > 0 {
		name = cert.DNSNames[0]
	}
	return name, name != "" && len(name) <= maxCertName
}
