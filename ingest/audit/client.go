package audit

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// client is who makes a request and from where: the members of an event from user up to userAgent, in which nothing changes
// from one request of a client to the next. Places are those of the line that they were read in.
type client struct {
	start              uint32 // offset in the line of the comma before user
	user, impersonated account
	agent              text
	sourceIPs          span
}

// account is a user without what is worked out of it.
type account struct {
	present       bool
	name, uid     text
	groups, extra span
}

// clients remembers the texts of clients that were seen last.
type clients struct{ memo[client] }

// clientBytes is how far behind the start of a client its hash looks. Events are longer.
const clientBytes = 136

// clientHash is the hash of a client by some of its bytes: those of the user's name, and of what stands behind it.
func clientHash(b []byte) (h uint64) {
	const name = len(`,"user":{"username":"`)
	b = b[:clientBytes]
	for i := name; i < name+48; i += 8 {
		h = mix(h, binary.LittleEndian.Uint64(b[i:]))
	}
	for i := 96; i < clientBytes; i += 32 {
		h = mix(h, binary.LittleEndian.Uint64(b[i:]))
	}
	return h
}

// readClient reads the members from user to userAgent as far as they stand at r as the API server writes them.
func (e *Event) readClient(r *lex.Reader) {
	rest := r.Data[r.Pos:]
	if len(rest) < clientBytes {
		return
	}
	set := e.clients.set(clientHash(rest))
	for i := range set.kept {
		known := &set.kept[i]
		if n := len(known.text); n > 0 && n <= len(rest) && string(rest[:n]) == string(known.text) {
			e.setClient(&known.read, r.Pos)
			r.Pos += n
			e.readAddresses(r) // where a client was remembered that has none
			return
		}
	}
	start := r.Pos
	e.user.readWritten(r, `,"user":{"username":"`)
	e.impersonated.readWritten(r, `,"impersonatedUser":{"username":"`)
	e.readAddresses(r)
	if text := r.Data[start:r.Pos]; len(text) > 0 && len(text) <= memoMaxBytes {
		*set.keep(text) = e.clientAt(start)
	}
}

// readAddresses reads the last two members of a client.
func (e *Event) readAddresses(r *lex.Reader) {
	strs(r, `,"sourceIPs":[`, &e.sourceIPs.span)
	member(r, `,"userAgent":"`, &e.userAgent)
}

// clientAt is the client that was read from start on.
func (e *Event) clientAt(start int) client {
	return client{
		start: uint32(start), user: e.user.account(), impersonated: e.impersonated.account(),
		agent: e.userAgent, sourceIPs: e.sourceIPs.span,
	}
}

func (u *user) account() account { return account{u.present, u.name, u.uid, u.groups.span, u.extra} }

// setClient takes a client that was read before, of which the same text stands at start of this line.
func (e *Event) setClient(c *client, start int) {
	by := uint32(start) - c.start
	e.user.set(&c.user, by)
	e.impersonated.set(&c.impersonated, by)
	e.userAgent = c.agent.moved(by)
	e.sourceIPs.span = c.sourceIPs.moved(by)
}

func (u *user) set(a *account, by uint32) {
	u.present, u.name, u.uid = a.present, a.name.moved(by), a.uid.moved(by)
	u.groups.span, u.extra = a.groups.moved(by), a.extra.moved(by)
}
