package webhook

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frames is the side of a client that writes HTTP/2 frames as it likes (RFC 9113).
type frames struct {
	*http2.Framer
	conn *tls.Conn
	text bytes.Buffer
	hp   *hpack.Encoder
}

func (s *site) frames(c *tls.Config) *frames {
	s.t.Helper()
	c = c.Clone()
	c.NextProtos = []string{"h2"}
	f := &frames{conn: s.dial(c)}
	f.hp = hpack.NewEncoder(&f.text)
	if _, err := io.WriteString(f.conn, http2.ClientPreface); err != nil {
		s.t.Fatal(err)
	}
	f.Framer = http2.NewFramer(f.conn, nil)
	_ = f.WriteSettings() // that the connection is gone shows when it is read
	return f
}

// headers are those of a request, and of other fields in pairs.
func (f *frames) headers(fields ...string) []byte {
	f.text.Reset()
	fields = append([]string{":method", "POST", ":scheme", "https", ":authority", "x", ":path", "/audit"}, fields...)
	for i := 0; i < len(fields); i += 2 {
		_ = f.hp.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // to memory
	}
	return bytes.Clone(f.text.Bytes())
}

// open begins a request; what follows is its body.
func (f *frames) open(stream uint32, fields ...string) {
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: f.headers(fields...), EndHeaders: true}) // see frames
}

// TestHostileFrames has what no client of HTTP/2 sends. The connection ends, nothing is stored, and nothing is left behind.
func TestHostileFrames(t *testing.T) {
	s := newAnswers(t)
	cert, before, open := s.apiserver("lab/cp1"), holds(t), map[string]*frames{}
	for _, c := range []struct {
		name string
		send func(f *frames)
	}{
		{"nothing more", func(*frames) {}},
		{"half a frame", func(f *frames) { _, _ = f.conn.Write([]byte{0, 0, 9, 0}) }},
		{"a frame too large", func(f *frames) { _, _ = f.conn.Write([]byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1}) }},
		{"headers without end", func(f *frames) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.headers()})
		}},
		{"headers without end, for ever", func(f *frames) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.headers()})
			for range 1000 {
				if f.WriteContinuation(1, false, f.headers("x", strings.Repeat("x", 8<<10))) != nil {
					return
				}
			}
		}},
		{"body of no request", func(f *frames) { _ = f.WriteData(1, true, []byte(aList)) }},
		{"more requests than there may be", func(f *frames) {
			for i := range uint32(1000) {
				f.open(2*i + 1)
			}
		}},
		{"requests given up at once", func(f *frames) {
			for i := range uint32(5000) {
				f.open(2*i + 1)
				if f.WriteRSTStream(2*i+1, http2.ErrCodeCancel) != nil {
					return
				}
			}
		}},
		{"a body with another length than was said", func(f *frames) {
			f.open(1, "content-length", "5")
			_ = f.WriteData(1, true, []byte(aList))
		}},
		{"a body without end", func(f *frames) {
			f.open(1)
			_ = f.WriteData(1, false, []byte(aList))
		}},
		{"pings", func(f *frames) {
			for range 20_000 {
				if f.WritePing(false, [8]byte{}) != nil {
					return
				}
			}
		}},
		{"settings", func(f *frames) {
			for range 20_000 {
				if f.WriteSettings() != nil {
					return
				}
			}
		}},
		{"no window for answers", func(f *frames) {
			_ = f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			f.open(1)
			_ = f.WriteData(1, true, []byte("no JSON"))
		}},
	} {
		f := s.frames(cert)
		c.send(f)
		open[c.name] = f
	}
	for name, f := range open {
		if err := f.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err := io.Copy(io.Discard, f.conn)
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			t.Errorf("%s: the connection is still open", name)
		}
		_ = f.conn.Close() // the other side has closed it
	}
	s.until("nothing under way", func() bool { n, bytes := s.server.room.now(); return n == 0 && bytes == 0 })
	wantHeld(t, before)
	if stored, _ := s.store.take(); len(stored) > 0 {
		t.Errorf("stored %q", stored)
	}
	s.wantAnswer(s.post(s.client(cert, true), "/audit", strings.NewReader(aList)), Stored, true)
}
