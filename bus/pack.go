package bus

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
)

// Headers of our messages. Those of an event's batch are all that a reader looks at.
const (
	headerEncoding = "Plx-Encoding" // zstd, or none
	headerWhole    = "Plx-Whole"    // 1: the body is exactly one value
	headerPart     = "Plx-Part"     // k/n: part k of n, from 1
	headerBody     = "Plx-Body"     // which body it is a part of
)

const (
	encodingZstd = "zstd"
	// smallBody is what is not worth compressing, in bytes.
	smallBody = 512
	// headroom is what a message may have beside its payload: max_payload counts headers too.
	headroom = 2 << 10
	// maxParts bounds the parts of a body: the largest in messages of 1 MB.
	maxParts = 1 << 10
)

// packer makes messages of bodies: compressed, and cut where they are longer than a message may be. It is safe for use by
// several goroutines.
type packer struct{ zstd *zstd.Encoder }

func newPacker() (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("make an encoder: %w", err)
	}
	return &packer{enc}, nil
}

// pack returns the messages of a body, in order. With idKey they have ids made of it and the body, so that the same body is
// stored once; without, they have none.
func (p *packer) pack(subject string, m *Message, maxPayload int, idKey []byte) ([]*nats.Msg, error) {
	header, data := nats.Header{}, m.Data
	if len(data) > smallBody {
		header.Set(headerEncoding, encodingZstd)
		data = p.zstd.EncodeAll(data, nil)
	}
	if m.Whole {
		header.Set(headerWhole, "1")
	}
	id := bodyID(subject, m.Data, idKey)
	size := maxPayload - headroom
	n := (len(data) + size - 1) / size
	if n <= 1 {
		msg := &nats.Msg{Subject: subject, Header: header, Data: data}
		if idKey != nil {
			header.Set(nats.MsgIdHdr, id)
		}
		return []*nats.Msg{msg}, nil
	}
	if n > maxParts {
		return nil, fmt.Errorf("%w: %d parts of at most %d bytes", ErrTooLarge, n, size)
	}
	// The length is part of the name, so that parts of different encoders never are put together.
	return cut(&nats.Msg{Subject: subject, Header: header, Data: data}, id+"-"+strconv.Itoa(len(data)), n, idKey != nil), nil
}

// cut returns n messages that together have the payload of m.
func cut(m *nats.Msg, body string, n int, withIDs bool) []*nats.Msg {
	out, size := make([]*nats.Msg, n), (len(m.Data)+n-1)/n
	for i := range out {
		h := nats.Header{headerBody: {body}, headerPart: {fmt.Sprintf("%d/%d", i+1, n)}}
		for k, v := range m.Header {
			h[k] = v
		}
		if withIDs {
			h.Set(nats.MsgIdHdr, body+"-"+strconv.Itoa(i+1))
		}
		out[i] = &nats.Msg{Subject: m.Subject, Header: h, Data: m.Data[i*size : min((i+1)*size, len(m.Data))]}
	}
	return out
}

// bodyID names a body: by a keyed hash of subject and body, which whoever does not have the key cannot take beforehand; or, without a
// key, at random.
func bodyID(subject string, data, key []byte) string {
	var sum [16]byte
	if key == nil {
		_, _ = rand.Read(sum[:]) // never fails (crypto/rand)
		return hex.EncodeToString(sum[:])
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(subject))
	h.Write([]byte{0})
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// parsePart reads a part's place. 1, 1 is a body in one message.
func parsePart(h nats.Header) (k, n int, err error) {
	v := h.Get(headerPart)
	if v == "" {
		return 1, 1, nil
	}
	ks, ns, _ := strings.Cut(v, "/")
	k, errK := strconv.Atoi(ks)
	n, errN := strconv.Atoi(ns)
	if errK != nil || errN != nil || k < 1 || k > n || n > maxParts {
		return 0, 0, fmt.Errorf("no part of a body: %.20q", v)
	}
	return k, n, nil
}
