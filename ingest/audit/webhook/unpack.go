package webhook

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
)

// gzipMagic begins a gzip stream (RFC 1952). No JSON text begins so, so that nobody needs to believe Content-Encoding.
var gzipMagic = []byte{0x1f, 0x8b}

// byteOrderMark is what some writers put before JSON in UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// errUnfit is why a body cannot hold audit events.
type errUnfit string

func (e errUnfit) Error() string { return string(e) }

// unpack returns the JSON text of a body, which is data itself or what is compressed in it: bounded by max and, since deflate
// makes at most 1,032 bytes of one, by what came. It returns an errUnfit for what is no JSON text.
func unpack(ctx context.Context, data []byte, p *place, max int64) ([]byte, error) {
	if bytes.HasPrefix(data, gzipMagic) {
		var err error
		if data, err = gunzip(ctx, data, p, max); err != nil {
			return nil, err
		}
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	return data, looksLikeJSON(data)
}

func gunzip(ctx context.Context, data []byte, p *place, max int64) ([]byte, error) {
	var out []byte
	z, err := gzip.NewReader(&cancelable{ctx, bytes.NewReader(data)})
	if err == nil {
		out, err = readAll(z, p, -1, max)
	}
	if err == nil || errors.Is(err, errTooLarge) || errors.Is(err, errNoRoom) || ctx.Err() != nil {
		return out, err
	}
	return nil, errUnfit("gzip: " + err.Error())
}

// cancelable ends with its context. It stands before decompression, since a stream may have much that makes no text and takes long.
type cancelable struct {
	ctx context.Context
	src io.Reader
}

func (c *cancelable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.src.Read(p)
}

// looksLikeJSON looks at the first two characters of a text: an object with a key, or an array of objects or arrays.
func looksLikeJSON(data []byte) error {
	first, rest := nextByte(data)
	second, _ := nextByte(rest)
	switch {
	case first == '{' && (second == '"' || second == '}'):
		return nil
	case first == '[' && (second == '{' || second == '[' || second == ']'):
		return nil
	}
	return errUnfit("no JSON objects: " + http.DetectContentType(data))
}

// nextByte returns the first byte that is no blank, 0 where there is none, and what is behind it.
func nextByte(data []byte) (c byte, rest []byte) {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 {
		return 0, nil
	}
	return data[0], data[1:]
}
