package event

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// ContentIDLen is the length of a content id.
const ContentIDLen = 26

var contentID = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// AppendContentID appends the id of what b says: 128 bits of its SHA-256, as ContentIDLen characters of lower-case base32.
func AppendContentID(dst, b []byte) []byte {
	sum := sha256.Sum256(b)
	return contentID.AppendEncode(dst, sum[:16])
}

// AppendIDPart appends s to what an id is made of, with its length before it, so that no two lists of parts are the same bytes.
func AppendIDPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
