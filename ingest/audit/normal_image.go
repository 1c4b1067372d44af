package audit

import "strings"

// imageRef is an image reference in its parts (github.com/distribution/reference): repository[:tag][@digest]. A part
// that is not there is "".
type imageRef struct{ repository, tag, digest string }

// splitImage takes an image reference apart. The port of a registry is no tag: a tag stands behind the last slash.
func splitImage(image string) imageRef {
	var r imageRef
	r.repository, r.digest, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(r.repository, ':'); i > strings.LastIndexByte(r.repository, '/') {
		r.repository, r.tag = r.repository[:i], r.repository[i+1:]
	}
	return r
}
