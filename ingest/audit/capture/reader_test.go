package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/flate"
)

// captureSchema is what Event Hubs Capture writes.
const captureSchema = `{"type":"record","name":"EventData","namespace":"Microsoft.ServiceBus.Messaging","fields":[` +
	`{"name":"SequenceNumber","type":"long"},{"name":"Offset","type":"string"},{"name":"EnqueuedTimeUtc","type":"string"},` +
	`{"name":"SystemProperties","type":{"type":"map","values":["long","double","string","bytes"]}},` +
	`{"name":"Properties","type":{"type":"map","values":["long","double","string","bytes","null"]}},{"name":"Body","type":["null","bytes"]}]}`

func long(n int64) []byte { return binary.AppendVarint(nil, n) }

func text(s string) []byte { return append(long(int64(len(s))), s...) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var syncMarker = []byte("0123456789abcdef")

func head(schema, codec string) []byte {
	return join([]byte(Magic), long(2), text("avro.codec"), text(codec), text("avro.schema"), text(schema), long(0), syncMarker)
}

// message is a record of capture.
func message(body string) []byte {
	return join(long(7), text("offset"), text("11/20/2026 11:49:03 PM"),
		long(2), text("x-opt-enqueued-time"), long(0), long(1795218543), text("d"), long(1), make([]byte, 8), long(0),
		long(-1), long(5), text("p"), long(4), long(0),
		long(1), text(body))
}

func block(records int, data []byte) []byte {
	return join(long(int64(records)), long(int64(len(data))), data, syncMarker)
}

func deflated(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readAll(data []byte) (string, error) {
	r, err := NewReader(iotest.HalfReader(bytes.NewReader(data)))
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(r)
	return string(out), err
}

func TestReader(t *testing.T) {
	two := join(message(`{"records":[1]}`), message(`{"records":[2]}`))
	noBody := join(long(1), text(""), text(""), long(0), long(0), long(0))
	f := func(name, want string, data ...[]byte) {
		t.Helper()
		if got, err := readAll(join(data...)); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	const all = "{\"records\":[1]}\n{\"records\":[2]}\n"
	f("plain", all, head(captureSchema, "null"), block(2, two))
	f("two blocks", all+all, head(captureSchema, "null"), block(2, two), block(0, nil), block(2, two))
	f("deflate", all, head(captureSchema, "deflate"), block(2, deflated(t, two)))
	f("no body", all, head(captureSchema, "null"), block(3, join(noBody, two)))
	f("empty", "", head(captureSchema, "null"))
}

func TestBadFiles(t *testing.T) {
	good := join(head(captureSchema, "null"), block(1, message("x")))
	for n := range good {
		out, err := readAll(good[:n])
		if err == nil && n != len(head(captureSchema, "null")) {
			t.Errorf("cut after %d of %d bytes: %q", n, len(good), out)
		}
	}
	f := func(want string, data ...[]byte) {
		t.Helper()
		if out, err := readAll(join(data...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v, want %s", out, err, want)
		}
	}
	f("codec", head(captureSchema, "snappy"))
	f("schema", head(`{"type":"other"}`, "null"))
	f("schema", head(strings.Repeat(`[`, 1000)+strings.Repeat(`]`, 1000), "null"))
	f("where it should", head(captureSchema, "null"), bytes.Replace(block(1, message("x")), syncMarker, make([]byte, 16), 1))
	f("too long", head(`{"type":"record","fields":[{"name":"Body","type":"bytes"}]}`, "null"), block(1, long(1<<40)))
	f("negative", head(`{"type":"record","fields":[{"name":"Body","type":"bytes"}]}`, "null"), block(1, long(-1)))
	f("schema", head(`{"type":"array","items":"null"}`, "null"), block(1, join(long(1<<40))))
	f("too long", head(`{"type":"map","values":"null"}`, "null"), block(1, join(long(1<<40))))
	f("too long", head(`"null"`, "null"), block(1<<40, nil))
}

func FuzzReader(f *testing.F) {
	f.Add(join(head(captureSchema, "null"), block(1, message("x"))))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if r, err := NewReader(bytes.NewReader(data)); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		}
	})
}
