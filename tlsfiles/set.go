package tlsfiles

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFileBytes bounds what is read of one file; a bundle of all public CAs has a quarter of it.
const maxFileBytes = 1 << 20

// names are the files of one side. cert and key may both be empty for a client, ca for a server.
type names struct{ cert, key, ca string }

// contents are what the files held when they were read.
type contents struct {
	cert, key, ca []byte
	keyMode       fs.FileMode
}

// set is what one reading of the files gave. It is not changed any more.
type set struct {
	cert     *tls.Certificate // nil where no certificate is named
	cas      *x509.CertPool   // nil where no CA is named
	openKey  bool             // everybody on this machine may read the key
	contents [sha256.Size]byte
}

// read reads the files as they are now.
func (n names) read() (contents, error) {
	var c contents
	var err error
	if n.cert != "" {
		if c.cert, _, err = readFile(n.cert); err != nil {
			return c, fmt.Errorf("read certificate: %w", err)
		}
		if c.key, c.keyMode, err = readFile(n.key); err != nil {
			return c, fmt.Errorf("read key: %w", err)
		}
	}
	if n.ca != "" {
		if c.ca, _, err = readFile(n.ca); err != nil {
			return c, fmt.Errorf("read CA: %w", err)
		}
	}
	return c, nil
}

func readFile(name string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(data) > maxFileBytes:
		return nil, 0, fmt.Errorf("%s: has more than %d bytes", name, maxFileBytes)
	}
	return data, info.Mode(), nil
}

// sum tells whether two readings gave the same.
func (c *contents) sum() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %o\n", len(c.cert), len(c.key), len(c.ca), c.keyMode)
	h.Write(c.cert)
	h.Write(c.key)
	h.Write(c.ca)
	return [sha256.Size]byte(h.Sum(nil))
}

// set makes a set of what was read.
func (n names) set(c *contents) (*set, error) {
	s := &set{contents: c.sum(), openKey: c.keyMode&0o004 != 0}
	if n.cert != "" {
		cert, err := tls.X509KeyPair(c.cert, c.key)
		if err != nil {
			return nil, fmt.Errorf("%s with %s: %w", n.cert, n.key, err)
		}
		s.cert = &cert
	}
	if n.ca != "" {
		pool, err := parseCAs(c.ca)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.ca, err)
		}
		s.cas = pool
	}
	return s, nil
}

// parseCAs reads all certificates of a PEM file. Unlike x509.CertPool.AppendCertsFromPEM it refuses a broken one.
func parseCAs(data []byte) (*x509.CertPool, error) {
	pool, n := x509.NewCertPool(), 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", n+1, err)
		}
		pool.AddCert(cert)
		n++
	}
	if n == 0 {
		return nil, errors.New("no certificate in PEM form in it")
	}
	return pool, nil
}
