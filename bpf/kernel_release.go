package bpf

import (
	"fmt"
	"strconv"
	"strings"
)

// version is a kernel's, as far as features depend on it.
type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

// atLeast tells whether the kernel of this release, as uname -r prints it, is of version v or newer. A release that tells no version is.
func atLeast(release string, v version) bool {
	first, rest, _ := strings.Cut(release, ".")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	major, errMajor := strconv.Atoi(first)
	minor, errMinor := strconv.Atoi(rest[:digits])
	if errMajor != nil || errMinor != nil {
		return true
	}
	return major > v.major || major == v.major && minor >= v.minor
}
