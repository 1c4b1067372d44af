package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// Leaf says what a certificate is to hold.
type Leaf struct {
	CommonName   string
	Organization string
	Hosts        []string // a server's: DNS names and IP addresses. A certificate with any is a server's, without one a client's.
}

// Issue makes a key and a certificate for it, good for LeafLifetime from now, but not longer than the CA itself.
func (ca *CA) Issue(l Leaf, now time.Time) (Pair, error) {
	if ca.Key == nil {
		return Pair{}, ErrNoCAKey
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: l.CommonName, Organization: []string{l.Organization}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(LeafLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{l.usage()},
		BasicConstraintsValid: true,
	}
	if template.NotAfter.After(ca.Cert.NotAfter) {
		template.NotAfter = ca.Cert.NotAfter
	}
	for _, h := range l.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	return sign(template, ca.Cert, key, ca.Key)
}

func (l Leaf) usage() x509.ExtKeyUsage {
	if len(l.Hosts) > 0 {
		return x509.ExtKeyUsageServerAuth
	}
	return x509.ExtKeyUsageClientAuth
}

// Stale tells why a pair is not, or not for much longer, what l asks for; nothing where it is.
func (ca *CA) Stale(l Leaf, pair Pair, now time.Time) string {
	both, err := tls.X509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return err.Error()
	}
	cert := both.Leaf
	hosts, want := Hosts(cert), sorted(l.Hosts)
	switch {
	case cert.CheckSignatureFrom(ca.Cert) != nil:
		return "it is not signed by this CA"
	case cert.Subject.CommonName != l.CommonName || !slices.Equal(cert.Subject.Organization, []string{l.Organization}):
		return fmt.Sprintf("it is for %s", cert.Subject)
	case !slices.Equal(cert.ExtKeyUsage, []x509.ExtKeyUsage{l.usage()}):
		return "it is for another use"
	case !slices.Equal(hosts, want):
		return fmt.Sprintf("it is for %s, not %s", strings.Join(hosts, ", "), strings.Join(want, ", "))
	case EndsSoon(cert, now) && cert.NotAfter.Before(ca.Cert.NotAfter):
		return "it ends on " + cert.NotAfter.UTC().Format(time.DateOnly)
	case now.Before(cert.NotBefore):
		return "it is not good yet: has the clock been wrong?"
	}
	return ""
}

// EndsSoon tells whether a certificate has ended, or will within RenewBefore.
func EndsSoon(cert *x509.Certificate, now time.Time) bool {
	return now.Add(RenewBefore).After(cert.NotAfter)
}

// Hosts returns the DNS names and IP addresses of a certificate, sorted.
func Hosts(cert *x509.Certificate) []string {
	out := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		out = append(out, ip.String())
	}
	return sorted(out)
}

// sorted returns hosts as a certificate gives them back: sorted, each once, addresses in their usual form.
func sorted(hosts []string) []string {
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			h = ip.String()
		}
		out = append(out, h)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
