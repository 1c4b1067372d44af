package event

import "strings"

// Image is a reference to a container image in its parts (github.com/distribution/reference): repository[:tag][@digest].
// A part that is not there is "".
type Image struct{ Repository, Tag, Digest string }

// ParseImage takes an image reference apart. The port of a registry is no tag: a tag stands behind the last slash.
func ParseImage(ref string) Image {
	var i Image
	i.Repository, i.Digest, _ = strings.Cut(ref, "@")
	if colon := strings.LastIndexByte(i.Repository, ':'); colon > strings.LastIndexByte(i.Repository, '/') {
		i.Repository, i.Tag = i.Repository[:colon], i.Repository[colon+1:]
	}
	return i
}
