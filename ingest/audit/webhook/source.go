package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"path"
	"slices"
	"strings"
)

// prefix is the path below which audit events are taken.
const prefix = "/audit"

// organization marks certificates of API servers. Their common name is CLUSTER/NAME (setup webhook writes it so).
const organization = "parallax:apiserver"

// defaultName is the name of a cluster, and of an API server, that has none.
const defaultName = "default"

// maxNameBytes bounds a name. It is the length of a DNS name, which names of nodes and clusters mostly are.
const maxNameBytes = 253

// source is one API server of one cluster.
type source struct{ cluster, name string }

func (s source) String() string { return s.cluster + "/" + s.name }

// verified returns the client's certificate if it was checked against the CAs.
func verified(state *tls.ConnectionState) *x509.Certificate {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	return state.VerifiedChains[0][0]
}

// certified returns the source that a certificate names; ok is false if it is not an API server's.
func certified(cert *x509.Certificate) (s source, ok bool) {
	if !slices.Contains(cert.Subject.Organization, organization) {
		return source{}, false
	}
	s.cluster, s.name, ok = strings.Cut(cert.Subject.CommonName, "/")
	return s, ok && isName(s.cluster) && isName(s.name)
}

// below returns what stands in a path behind /audit, cleaned; ok is false for other paths. Unlike http.ServeMux it does not lead
// senders from an unclean path to the clean one.
func below(p string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path.Clean("/"+p), prefix)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// named returns the source that the rest of a path names: of "", the default one; of /CLUSTER its default API server.
func named(rest string) (s source, ok bool) {
	s = source{defaultName, defaultName}
	if rest == "" {
		return s, true
	}
	cluster, name, two := strings.Cut(rest[1:], "/")
	s.cluster = cluster
	if two {
		s.name = name
	}
	return s, isName(s.cluster) && isName(s.name)
}

// isName says whether s can be the name of a cluster or an API server.
func isName(s string) bool {
	if s == "" || len(s) > maxNameBytes || s == "." || s == ".." {
		return false
	}
	for _, c := range []byte(s) {
		if !isNameByte(c) {
			return false
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
}
