package cgroup

import "strings"

// isHexID says whether s is an id as the runtimes draw them: 64 hexadecimal digits.
func isHexID(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// maxName bounds a name that a person chose; containerd allows 76 characters (pkg/identifiers), runc any.
const maxName = 76

// ValidName says whether s can be a container's name with containerd and runc: letters, digits and ._-+ with a letter or digit first,
// at most 76 bytes.
func ValidName(s string) bool {
	if s == "" || len(s) > maxName || !isAlnum(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("._-+", s[i]) < 0 {
			return false
		}
	}
	return true
}

// isUID says whether s can be a pod's uid: a UUID, or of a static pod 32 hexadecimal digits or whatever its manifest says.
func isUID(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
