package nats

import (
	"net"
	"sync"
	"testing"
)

// proxy stands between a client and a server, and makes trouble.
type proxy struct {
	net.Listener

	mu     sync.Mutex
	target string            // guarded by mu
	conns  map[net.Conn]bool // of clients and to the server; guarded by mu
	hung   chan struct{}     // nil: bytes pass; guarded by mu
	most   int64             // bytes of a client, behind which its connection is cut; 0: none; guarded by mu
	all    sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, target: target, conns: map[net.Conn]bool{}}
	p.all.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

func (p *proxy) end() {
	_ = p.Close()
	p.cut()
	p.all.Wait()
}

func (p *proxy) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.aimed())
		if err != nil {
			_ = client.Close()
			continue
		}
		p.keep(client, server)
		p.all.Go(func() { p.pass(client, server, false) })
		p.all.Go(func() { p.pass(server, client, true) })
	}
}

func (p *proxy) aimed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.target
}

// aim sends connections from now on to another server, and ends those that are.
func (p *proxy) aim(target string) (before string) {
	p.mu.Lock()
	before, p.target = p.target, target
	p.mu.Unlock()
	p.cut()
	return before
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
}

// pass passes bytes on until one side ends.
func (p *proxy) pass(to, from net.Conn, client bool) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 4096)
	passed := int64(0)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		hung, most := p.trouble()
		if hung != nil {
			<-hung
		}
		if passed += int64(n); client && most > 0 && passed > most {
			_, _ = to.Write(b[:n/2])
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) trouble() (chan struct{}, int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hung, p.most
}

// hang keeps all bytes back until it is mended.
func (p *proxy) hang() (mend func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hung := make(chan struct{})
	p.hung = hung
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.hung = nil
		close(hung)
	}
}

// flaky cuts connections after some bytes, in the middle of a message.
func (p *proxy) flaky() (mend func()) {
	p.mu.Lock()
	p.most = 25_000
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.most = 0
	}
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}
