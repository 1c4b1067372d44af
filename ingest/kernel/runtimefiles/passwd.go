package runtimefiles

import (
	"bytes"
	"strconv"
	"strings"
)

// parseList reads the names of passwd(5) or group(5): the first field, by the id in the third. Of several names of an id the first counts, as it
// does with getpwuid(3). Lines that are none, and names that no tool would make, are passed over.
func parseList(b []byte, ids idMap) map[uint32]string {
	out := map[uint32]string{}
	for line := range bytes.Lines(b) {
		f := bytes.SplitN(bytes.TrimSuffix(line, []byte("\n")), []byte(":"), 4)
		if len(f) < 3 || !isUser(f[0]) {
			continue
		}
		inside, err := strconv.ParseUint(string(f[2]), 10, 32)
		if err != nil {
			continue
		}
		id, ok := ids.outside(uint32(inside))
		if _, known := out[id]; !ok || known {
			continue
		}
		if out[id] = string(f[0]); len(out) == maxEntries {
			break
		}
	}
	return out
}

// isUser says whether s is a name that useradd(8) or a directory service could have made.
func isUser(s []byte) bool {
	if len(s) == 0 || len(s) > maxUser {
		return false
	}
	for i, c := range s {
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !alnum && (strings.IndexByte(".-@+\\$", c) < 0 || i == 0) {
			return false
		}
	}
	return true
}
