package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// raw stores a message as somebody would who has got hold of the stream.
func raw(t *testing.T, b *Bus, subject string, header nats.Header, data []byte) {
	t.Helper()
	if _, err := b.js.PublishMsg(t.Context(), &nats.Msg{Subject: subject, Header: header, Data: data}); err != nil {
		t.Fatal(err)
	}
}

// Whatever is in the stream becomes a fault that says why and keeps a piece of it, and the batches around it come as they are.
func TestHostileMessagesAreFaults(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.MaxBodyBytes = 1 << 20
	b := openTest(t, cfg)
	zipped := func(n int) []byte { return b.packer.zstd.EncodeAll(make([]byte, n), nil) }
	lying := zipped(100_000)
	lying[5]++ // of the size that it says
	header := func(kv ...string) nats.Header {
		h := nats.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return h
	}
	bad := []struct {
		subject string
		header  nats.Header
		data    []byte
		reason  string
	}{
		{"plx.audit.c.a", header(headerEncoding, "gzip"), []byte("x"), "no encoding"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), []byte("not zstd"), "decompress"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), nil, "decompress"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), zipped(1<<20 + 1), "too large"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), lying, "decompress"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), append(zipped(1<<20), zipped(1<<20)...), "decompress"},
		{"plx.audit.c.a", header(headerEncoding, "zstd"), zipped(5000)[:10], "decompress"},
		{"plx.audit.c.a", header(headerPart, "3/2"), []byte("x"), "no part"},
		{"plx.audit.c.a", header(headerPart, "1/100000"), []byte("x"), "no part"},
		{"plx.audit.c.a", header(headerPart, "-1/2"), []byte("x"), "no part"},
		{"plx.audit.c.a", header(headerPart, strings.Repeat("1", 3000)), []byte("x"), "no part"},
		{"plx.audit.c", nil, []byte("x"), "nothing is read"},
		{"plx.audit.c.a.b", nil, []byte("x"), "nothing is read"},
		{"plx.audit.c.%2", nil, []byte("x"), "no name"},
		{"plx.audit.c.%41", nil, []byte("x"), "no name"}, // another way to write A
		{"plx.audit.c.é", nil, []byte("x"), "no name"},
		{"plx.ctl.*", nil, []byte("x"), "no name"},
		{"plx.rt." + strings.Repeat("n", 300), nil, []byte("x"), "no name"},
	}
	for i, m := range bad {
		raw(t, b, m.subject, m.header, m.data)
		publish(t, b, fmt.Appendf(nil, "good %d", i))
	}
	r := b.Reader(0)
	for i, m := range bad {
		got := next(t, r)
		if len(got.Faults) != 1 || got.Data != nil || got.Seq != uint64(2*i+1) || !strings.Contains(got.Faults[0].Reason, m.reason) || got.Faults[0].Origin == "" ||
			!bytes.HasPrefix(m.data, got.Faults[0].Data) {
			t.Errorf("%s %.40v: %+v", m.subject, m.header, got)
		}
		if got := next(t, r); len(got.Faults) != 0 {
			t.Errorf("behind %s %v: %v", m.subject, m.header, got.Faults)
		}
	}
}

// Parts of bodies that never end take a bounded room; what is given up for it is a fault, and no body of somebody else.
func TestPartsAreBounded(t *testing.T) {
	j := newJoiner(1 << 20)
	add := func(subject, id, part string, data []byte, ns int64) []byte {
		t.Helper()
		body, err := j.add(subject, nats.Header{headerPart: {part}, headerBody: {id}}, data, ns, uint64(ns))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	add("honest", "x", "1/2", []byte("hello "), 1)
	faults := 0
	for i := range 1000 {
		add("hostile", fmt.Sprint(i), "1/3", make([]byte, 100_000), 2)
		if j.bytes > 2<<20 || len(j.waiting) > maxJoins {
			t.Fatalf("%d bytes of %d bodies wait", j.bytes, len(j.waiting))
		}
		faults += len(j.expire(2))
	}
	for i := range 1000 { // many small ones
		add("hostile", fmt.Sprint("small", i), "1/1024", nil, 2)
		faults += len(j.expire(2))
	}
	add("honest", "x", "1/2", []byte("other "), 2) // a repetition says nothing new
	add("another", "x", "2/2", []byte("theirs"), 2)
	if got := add("honest", "x", "2/2", []byte("world"), 2); string(got) != "hello world" {
		t.Errorf("%q", got)
	}
	for minute := range int64(11) {
		faults += len(j.expire(2 + (minute+1)*int64(time.Minute)))
	}
	if faults != 2001 || j.bytes != 0 || j.oldest() != 0 {
		t.Errorf("%d faults, %d bytes wait since %d", faults, j.bytes, j.oldest())
	}
}

// A clock that jumps, either way, between two parts of a body costs nothing.
func TestJumpBetweenParts(t *testing.T) {
	j := newJoiner(1 << 20)
	const century = int64(100 * 365 * 24 * time.Hour)
	at := int64(time.Hour)
	for i, jump := range []int64{0, century / 2, -century / 2} {
		at += jump
		body, err := j.add("s", nats.Header{headerPart: {fmt.Sprintf("%d/3", i+1)}, headerBody: {"x"}}, []byte("part "), at, uint64(i+1))
		if err != nil || len(j.expire(at)) > 0 || (string(body) == "part part part ") != (i == 2) {
			t.Errorf("part %d: %q, %v", i+1, body, err)
		}
	}
}

// What is not in the stream any more is told, once, and nothing else is lost.
func TestGapIsAFault(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	for i := range 5 {
		publish(t, b, fmt.Appendf(nil, "%d", i))
	}
	r := b.Reader(2)
	if got := next(t, r); got.Seq != 2 || len(got.Faults) != 0 {
		t.Errorf("%+v", got)
	}
	r.drop() // what was asked for beforehand
	trim(t, b, TrimConfig{RebuildFrom: 5})
	if got := next(t, r); got.Seq != 5 || string(got.Data) != "4" || len(got.Faults) != 1 || !strings.Contains(got.Faults[0].Reason, "3 to 4") {
		t.Errorf("%+v", got)
	}
	if got := next(t, b.Reader(1)); got.Seq != 5 || len(got.Faults) != 0 {
		t.Errorf("%+v", got)
	}
}

// The reader goes on where it was when its consumer is gone, when the connection breaks, and when the server is started anew.
func TestReaderGoesOn(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	r := b.Reader(0)
	n := 0
	step := func(how string, disturb func()) {
		t.Helper()
		for range 3 {
			publish(t, b, fmt.Appendf(nil, "%d", n))
			n++
		}
		before := n - 3
		if got := next(t, r); string(got.Data) != fmt.Sprint(before) {
			t.Fatalf("before %s: %q, want %d", how, got.Data, before)
		}
		disturb()
		for i := before + 1; i < n; i++ {
			if got := next(t, r); string(got.Data) != fmt.Sprint(i) || len(got.Faults) != 0 {
				t.Fatalf("after %s: %q with %v, want %d", how, got.Data, got.Faults, i)
			}
		}
	}
	step("nothing", func() {})
	step("its consumer was deleted", func() {
		if err := b.js.DeleteConsumer(t.Context(), streamEvents, r.source.CachedInfo().Name); err != nil {
			t.Fatal(err)
		}
	})
	step("the connection broke", func() { _ = b.nc.ForceReconnect() })
	step("the server was started anew", func() { b.server.shutdown() })
}

func TestReaderTellsWhatIsLost(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	publish(t, b, []byte("x"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := b.Reader(3).Next(ctx); !errors.Is(err, ErrLost) {
		t.Errorf("beyond the end: %v", err)
	}
	short, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	if _, err := b.Reader(2).Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("at the end: %v", err)
	}
	r := b.Reader(0)
	next(t, r)
	if err := b.js.DeleteStream(t.Context(), streamEvents); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(ctx); !errors.Is(err, ErrLost) {
		t.Errorf("without a stream: %v", err)
	}
}

func TestSubjects(t *testing.T) {
	ok := func(kind event.BatchKind, want, origin string, source ...string) {
		t.Helper()
		subject, err := subjectOf(kind, source)
		if err != nil || subject != want {
			t.Errorf("%v: %s, %v", source, subject, err)
		}
		if k, o, err := parseSubject(subject); k != kind || o != origin || err != nil {
			t.Errorf("%s: %v %s %v", subject, k, o, err)
		}
	}
	ok(event.BatchAudit, "plx.audit.prod.api-1", "audit/prod/api-1", "prod", "api-1")
	ok(event.BatchAudit, "plx.audit.%2A.%3E", "audit/*/>", "*", ">")
	ok(event.BatchMatches, "plx.rt.ip-10-0-0-1%2Eec2%2Einternal", "node/ip-10-0-0-1.ec2.internal", "ip-10-0-0-1.ec2.internal")
	ok(event.BatchFalco, "plx.falco.%20%0D%0A%25", "falco/ \r\n%", " \r\n%")
	ok(event.BatchControl, "plx.ctl."+strings.Repeat("%C3%A9", 126), "ctl/"+strings.Repeat("é", 126), strings.Repeat("é", 126))
	for _, bad := range [][]string{{}, {""}, {"a", ""}, {"a", "b", "c"}, {"a", strings.Repeat("x", 254)}} {
		if s, err := subjectOf(event.BatchAudit, bad); err == nil {
			t.Errorf("%q: %s", bad, s)
		}
	}
	if s, err := subjectOf(event.BatchKernel, []string{"a"}); err == nil {
		t.Errorf("raw events of a kernel go to %s", s)
	}
}

func TestQuarantineKeepsPlaceAndReason(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	f := event.Fault{Origin: "audit/c/a", Line: 7, Reason: "no\r\nJSON: \x1b[31m é", Data: []byte("{bad")}
	for range 2 {
		if err := b.Quarantine(t.Context(), f, event.BatchAudit, 42); err != nil {
			t.Fatal(err)
		}
	}
	f.Data, f.Reason = noise(9<<20), strings.Repeat("r", 10_000)
	if err := b.Quarantine(t.Context(), f, event.BatchKernel, 43); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := b.readAll(t.Context(), streamQuarantine, jetstream.ConsumerConfig{}, func(m jetstream.Msg) {
		h := m.Headers()
		got = append(got, fmt.Sprintf("%s %s %s %s %.30s %.4s", m.Subject(), h.Get(headerOrigin), h.Get(headerLine), h.Get(headerSeq), h.Get(headerReason), m.Data()))
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{`plx.quarantine.audit audit/c/a 7 42 no\r\nJSON: \x1b[31m \u00e9 {bad`, "plx.quarantine.other audit/c/a 7 43 " + strings.Repeat("r", 30) + " " + string(f.Data[:4])}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzUnpack(f *testing.F) {
	p, err := newPacker()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("zstd", p.zstd.EncodeAll(make([]byte, 5000), nil))
	f.Add("", []byte("x"))
	u := newUnpacker(1 << 16)
	f.Fuzz(func(t *testing.T, encoding string, data []byte) {
		body, err := u.unpack(encoding, data)
		if (body == nil) == (err == nil) || encoding != "" && len(body) > 1<<16 {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

func FuzzSubject(f *testing.F) {
	f.Add("plx.audit.a.%2E")
	f.Fuzz(func(t *testing.T, subject string) {
		kind, origin, err := parseSubject(subject)
		if err != nil {
			return
		}
		if _, names, _ := strings.Cut(origin, "/"); kinds[kind].tokens == 1 {
			if back, err := subjectOf(kind, []string{names}); err != nil || back != subject {
				t.Errorf("%q is %q is %q, %v", subject, origin, back, err)
			}
		}
	})
}
