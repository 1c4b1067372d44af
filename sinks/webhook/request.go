package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The headers of a signature.
const (
	headerSignature = "X-Parallax-Signature" // sha256=HEX
	headerTimestamp = "X-Parallax-Timestamp" // seconds since 1970
)

// request is what all requests of one Write have in common.
type request struct {
	url      *url.URL
	headers  http.Header
	key      []byte // of the signature; nil: none
	signTime bool
	secrets  []string // that no error may show
}

// readRequest reads the files that make a request.
func (c Config) readRequest() (*request, error) {
	r := &request{headers: http.Header{"Content-Type": {"application/json"}, "User-Agent": {"parallax"}}, signTime: c.SignTime}
	for _, read := range []func(Config) error{r.readURL, r.readHeaders, r.readToken, r.readKey} {
		if err := read(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *request) readURL(c Config) error {
	text := c.URL
	if c.URLFile != "" {
		b, err := readSecret(c.URLFile)
		if err != nil {
			return err
		}
		text = string(b)
	}
	u, err := parseURL(text)
	if err != nil {
		return err
	}
	r.url = u
	r.hide(u.Path, u.RawPath, u.RawQuery)
	if password, ok := u.User.Password(); ok {
		r.hide(password)
	}
	return nil
}

func (r *request) readHeaders(c Config) error {
	if c.HeadersFile == "" {
		return nil
	}
	b, err := readSecret(c.HeadersFile)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || !headerName(name) || reserved(name) {
			return fmt.Errorf("%s: line %d is no header that can be set, NAME: VALUE", c.HeadersFile, n)
		}
		r.headers.Add(name, value)
		r.hide(value)
	}
	return nil
}

// headerName says whether s can be the name of a header.
func headerName(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range []byte(s) {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// reserved says whether a header is not the user's to set.
func reserved(name string) bool {
	switch name {
	case "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Trailer", "Upgrade", headerSignature, headerTimestamp:
		return true
	}
	return false
}

func (r *request) readToken(c Config) error {
	if c.TokenFile == "" {
		return nil
	}
	token, err := readSecret(c.TokenFile)
	if err != nil {
		return err
	}
	r.headers.Set("Authorization", "Bearer "+string(token))
	r.hide(string(token))
	return nil
}

func (r *request) readKey(c Config) (err error) {
	if c.SecretFile != "" {
		r.key, err = readSecret(c.SecretFile)
	}
	return err
}

// make makes the request for a body.
func (r *request) make(ctx context.Context, body []byte, now time.Time) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("make a request: the URL or a header is not valid")
	}
	req.Header = r.headers.Clone()
	r.sign(req.Header, body, now)
	return req, nil
}

// sign adds the signature of the body, and of the time where that is asked for: HMAC-SHA256 of TIMESTAMP "." BODY.
func (r *request) sign(h http.Header, body []byte, now time.Time) {
	if r.key == nil {
		return
	}
	mac := hmac.New(sha256.New, r.key)
	if r.signTime {
		stamp := strconv.FormatInt(now.Unix(), 10)
		h.Set(headerTimestamp, stamp)
		mac.Write([]byte(stamp + "."))
	}
	mac.Write(body)
	h.Set(headerSignature, "sha256="+hex.EncodeToString(mac.Sum(nil)))
}
