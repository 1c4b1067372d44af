// Package manifests checks what is under deploy/manifests: that the API server would take it as it is written, that its parts fit together and
// fit the program, and that nobody is given more rights than the documentation says. `make check-manifests` holds the rendered whole against the
// schemas of a Kubernetes release, with schemas, which makes them.
package manifests
