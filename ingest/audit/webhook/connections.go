package webhook

import (
	"net"
	"sync"
)

// connections are the connections of a listener, of which there may be so many.
type connections struct {
	net.Listener
	max int

	mu        sync.Mutex
	open      map[*connection]struct{} // guarded by mu, as all below
	accepted  uint64
	displaced uint64
}

// connection is one of them, below TLS.
type connection struct {
	net.Conn
	of *connections
	// Guarded by of.mu.
	number uint64
	known  bool // a request has authenticated
}

// Accept returns the next connection. Where there are as many as may be, it takes the place of the oldest one that nobody has
// authenticated on; where all are known, it is closed at once.
func (c *connections) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		out, closing := c.admit(conn)
		if closing != nil {
			_ = closing.Close() // it is of no use any more
		}
		if out != nil {
			return out, nil
		}
	}
}

// admit returns conn as one of c, and the connection to be closed for it; nil and conn itself where there is no room.
func (c *connections) admit(conn net.Conn) (out, closing net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.max {
		c.displaced++
		oldest := c.oldestUnknown()
		if oldest == nil {
			return nil, conn
		}
		delete(c.open, oldest)
		closing = oldest.Conn
	}
	c.accepted++
	mine := &connection{Conn: conn, of: c, number: c.accepted}
	c.open[mine] = struct{}{}
	return mine, closing
}

// oldestUnknown is asked for only where there is no room. The caller holds mu.
func (c *connections) oldestUnknown() *connection {
	var oldest *connection
	for one := range c.open {
		if !one.known && (oldest == nil || one.number < oldest.number) {
			oldest = one
		}
	}
	return oldest
}

func (c *connections) now() (open int, displaced uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open), c.displaced
}

// Close closes the connection and gives its place to another.
func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// authenticated says that the other side is one that may send.
func (c *connection) authenticated() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.known = true
}
