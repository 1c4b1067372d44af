package logfile

import (
	"bytes"
	"errors"
	"fmt"
)

// foreign are the first bytes of kinds of file that somebody may take for a log, and what to do with them.
var foreign = []struct {
	at          int
	magic, kind string
}{
	{0, "\xfd7zXZ\x00", "an xz file; replay the output of `xz -dc FILE` with -"},
	{0, "BZh", "a bzip2 file; replay the output of `bzip2 -dc FILE` with -"},
	{0, "\x04\x22\x4d\x18", "an lz4 file; replay the output of `lz4 -dc FILE` with -"},
	{0, "PK\x03\x04", "a zip archive; unpack it first"},
	{0, "\x1f\x8b", "compressed twice; replay the output of `gzip -dc FILE` with -"},
	{0, "\x28\xb5\x2f\xfd", "compressed twice; replay the output of `zstd -dc FILE` with -"},
	{257, "ustar", "a tar archive; unpack it first"},
	{0, "\x7fELF", "a program"},
	{0, "\xff\xfe", "UTF-16 text; replay the output of `iconv -f UTF-16 -t UTF-8 FILE` with -"},
	{0, "\xfe\xff", "UTF-16 text; replay the output of `iconv -f UTF-16 -t UTF-8 FILE` with -"},
}

// checkText looks at the first bytes of a file and returns an error, saying what to do, where it is no text.
func checkText(head []byte) error {
	for _, f := range foreign {
		if f.at < len(head) && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return fmt.Errorf("not an audit log but %s", f.kind)
		}
	}
	// A log may begin with a hole of NUL bytes, where it was truncated while its writer went on at the old offset.
	head = bytes.TrimLeft(head, "\x00")
	control := 0
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			control++
		}
	}
	if control > len(head)/16 {
		return errors.New("not an audit log but binary data")
	}
	return nil
}
