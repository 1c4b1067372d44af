package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/parallax-sec/parallax/event"
)

// Headers of dead letters and of what is quarantined.
const (
	headerAlert  = "Plx-Alert"  // id.revision
	headerReason = "Plx-Reason" // why it is here
	headerOrigin = "Plx-Origin" // who it came from
	headerLine   = "Plx-Line"
	headerSeq    = "Plx-Seq" // of the batch that it was in, in the stream of events; 0: it never was
)

// Quarantine stores a piece that could not be read, with its reason and the place of its batch. The same piece of the same batch
// is stored once within an hour.
func (b *Bus) Quarantine(ctx context.Context, f event.Fault, kind event.BatchKind, seq uint64) error {
	subject := subjectQuarantine + ".other"
	if k, known := kinds[kind]; known {
		subject = subjectQuarantine + "." + k.origin
	}
	m := &nats.Msg{Subject: subject, Data: f.Data, Header: nats.Header{
		nats.MsgIdHdr: {faultID(&f, seq)}, headerReason: {headerText(f.Reason)}, headerOrigin: {headerText(f.Origin)},
		headerLine: {strconv.FormatInt(f.Line, 10)}, headerSeq: {strconv.FormatUint(seq, 10)},
	}}
	if most := int(b.nc.MaxPayload()) - headroom - 2*maxHeaderText; len(m.Data) > most {
		m.Data = m.Data[:most]
	}
	if _, err := b.store(ctx, streamQuarantine, m); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// faultID names a piece by what and where it is.
func faultID(f *event.Fault, seq uint64) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %q %d ", f.Origin, f.Line, f.Reason, seq)
	h.Write(f.Data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// maxHeaderText bounds a text in a header, in bytes.
const maxHeaderText = 1 << 10

// headerText makes a text fit for a header: one line of ASCII, cut.
func headerText(s string) string {
	q := strconv.QuoteToASCII(s)
	q = q[1 : len(q)-1]
	return q[:min(len(q), maxHeaderText)]
}
