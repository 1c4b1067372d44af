package tlsfiles

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// soon is how long before its end a certificate is warned of.
const soon = 30 * 24 * time.Hour

// Files are the certificate files of one side, and the last good set of them.
type Files struct {
	names  names
	server bool
	inUse  atomic.Pointer[set]

	mu    sync.Mutex        // one reading at a time
	tried [sha256.Size]byte // what the last reading found, good or not; guarded by mu
}

// Server reads a server's certificate and key and, unless clientCAFile is empty, the CAs that a client's certificate must come
// from. The files are PEM; the certificate's may hold the chain behind it.
func Server(certFile, keyFile, clientCAFile string) (*Files, error) {
	if certFile == "" || keyFile == "" {
		return nil, errors.New("a TLS server needs a certificate and its key")
	}
	return open(&Files{names: names{certFile, keyFile, clientCAFile}, server: true})
}

// Client reads the CAs that a server's certificate must come from (empty: those that the system trusts) and a client's
// certificate with its key (both empty: the client shows none).
func Client(caFile, certFile, keyFile string) (*Files, error) {
	if (certFile == "") != (keyFile == "") {
		return nil, errors.New("a client's certificate and its key come together: one of them is missing")
	}
	return open(&Files{names: names{certFile, keyFile, caFile}})
}

func open(f *Files) (*Files, error) {
	if err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Reload reads the files now. With an error the last good set stays in force.
func (f *Files) Reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.read(true)
	return err
}

// read takes what is in the files into force. Where they are as they were at the last attempt nothing is done, unless
// asked for. It tells whether something was attempted. The caller holds mu.
func (f *Files) read(asked bool) (bool, error) {
	c, err := f.names.read()
	if err != nil {
		// What cannot be read is told once, and looked at again.
		again := sha256.Sum256([]byte(err.Error()))
		attempted := asked || again != f.tried
		f.tried = again
		return attempted, err
	}
	sum := c.sum()
	if sum == f.tried && !asked {
		return false, nil
	}
	f.tried = sum
	s, err := f.names.set(&c)
	if err != nil {
		return true, err
	}
	f.inUse.Store(s)
	return true, nil
}

// Certificate returns the certificate in force, nil where none is named. It must not be changed.
func (f *Files) Certificate() *tls.Certificate { return f.inUse.Load().cert }

// CAs returns the CAs in force, nil where none are named. They must not be changed.
func (f *Files) CAs() *x509.CertPool { return f.inUse.Load().cas }

// NotAfter returns the end of the certificate in force, zero where none is named.
func (f *Files) NotAfter() time.Time {
	if cert := f.Certificate(); cert != nil {
		return cert.Leaf.NotAfter
	}
	return time.Time{}
}

// Warnings tells what is not right with the set in force, and does not keep it from being used, at a time by the wall clock.
func (f *Files) Warnings(now time.Time) []string {
	var out []string
	if f.inUse.Load().openKey {
		out = append(out, fmt.Sprintf("%s: everybody on this machine can read this key (chmod 600; in a pod, defaultMode: 0400)", f.names.key))
	}
	ends := f.NotAfter()
	switch {
	case ends.IsZero() || now.Add(soon).Before(ends):
	case now.After(ends):
		out = append(out, fmt.Sprintf("%s: this certificate ended on %s", f.names.cert, ends.UTC().Format(time.DateOnly)))
	default:
		out = append(out, fmt.Sprintf("%s: this certificate ends on %s", f.names.cert, ends.UTC().Format(time.DateOnly)))
	}
	return out
}
