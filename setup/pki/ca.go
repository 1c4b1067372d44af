package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Lifetimes. A CA is made once and must outlive many leaves; a leaf ends within what clients take (Apple's bound is 825 days).
const (
	CALifetime   = 10 * 365 * 24 * time.Hour
	LeafLifetime = 2 * 365 * 24 * time.Hour
	// RenewBefore is how long before its end a certificate counts as one to be renewed.
	RenewBefore = 90 * 24 * time.Hour
)

// backdate lets a certificate be good on machines whose clocks are a little behind.
const backdate = time.Hour

// Pair is a certificate and its key, both PEM.
type Pair struct{ Cert, Key []byte }

// CA signs certificates. Key is nil where only its certificate is at hand: it can then tell what it signed, and sign nothing.
type CA struct {
	Cert *x509.Certificate
	Key  crypto.Signer
	Pair
}

// ErrNoCAKey says that something must be signed and the CA's key is not at hand.
var ErrNoCAKey = errors.New("the CA's key is not at hand")

// NewCA makes a CA that is good from now on, for CALifetime.
func NewCA(name string, now time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(CALifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	pair, err := sign(template, template, key, key)
	if err != nil {
		return nil, err
	}
	return ParseCA(pair)
}

// ParseCA reads a CA. A pair without a key gives a CA without one.
func ParseCA(pair Pair) (*CA, error) {
	cert, err := ParseCertificate(pair.Cert)
	if err != nil {
		return nil, err
	}
	if !cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, errors.New("the certificate is not one of a CA")
	}
	ca := &CA{Cert: cert, Pair: pair}
	if pair.Key == nil {
		return ca, nil
	}
	both, err := tls.X509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return nil, err
	}
	signer, ok := both.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", both.PrivateKey)
	}
	ca.Key = signer
	return ca, nil
}

// ParseCertificate reads the first certificate of a PEM text.
func ParseCertificate(data []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no certificate in PEM form")
	}
	return x509.ParseCertificate(block.Bytes)
}

// sign makes a certificate of template for key, signed by parent's.
func sign(template, parent *x509.Certificate, key, parentKey crypto.Signer) (Pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return Pair{}, fmt.Errorf("sign certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("encode key: %w", err)
	}
	return Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}, nil
}
