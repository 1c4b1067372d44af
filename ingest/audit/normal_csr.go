package audit

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// maxCSRBytes bounds the certificate signing request that is decoded. One with an 8192 bit key takes 3 KB.
const maxCSRBytes = 64 << 10

// csrView is what a certificate signing request asks for.
type csrView struct {
	done bool
	ok   bool // spec.request could be read
	cn   string
	orgs []string
}

// csrObject is the object where it is a CertificateSigningRequest, whatever subresource of it the request is about.
func (e *Event) csrObject() tape.Node {
	if r, _ := e.str(&e.object.resource); r != "certificatesigningrequests" {
		return tape.Node{}
	}
	return e.obj().root
}

// csr is the subject of the certificate that a CertificateSigningRequest is about. Reading it allocates.
func (e *Event) csr() *csrView {
	c := &e.derived().csr
	if !c.done {
		*c = csrView{done: true}
		if req := parseCSR(stringOf(e.csrObject().Get("spec").Get("request"))); req != nil {
			c.ok, c.cn, c.orgs = true, req.Subject.CommonName, req.Subject.Organization
		}
	}
	return c
}

// parseCSR reads spec.request: the base64 of a PEM block with a PKCS #10 request (k8s.io/api, certificates/v1). nil where it is none.
func parseCSR(request string) *x509.CertificateRequest {
	if request == "" || len(request) > maxCSRBytes {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(request)
	if err != nil {
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil
	}
	return req
}
