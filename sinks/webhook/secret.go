package webhook

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
)

// maxSecretBytes bounds a file that holds a secret.
const maxSecretBytes = 64 << 10

// minSecretLen is how long a text must be to be masked: shorter ones are found anywhere.
const minSecretLen = 4

// readSecret reads a file and leaves out blanks at both ends.
func readSecret(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		return nil, err
	}
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > maxSecretBytes:
		return nil, fmt.Errorf("%s: more than %d bytes", name, maxSecretBytes)
	case len(b) == 0:
		return nil, fmt.Errorf("%s: empty", name)
	}
	return b, nil
}

// hide notes texts that no error may show. The longest are masked first, since one may be a part of another.
func (r *request) hide(texts ...string) {
	for _, t := range texts {
		if len(t) >= minSecretLen {
			r.secrets = append(r.secrets, t)
		}
	}
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// masked returns text without what is secret.
func (r *request) masked(text string) string {
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}

// mask returns err without what is secret. A cause can still be asked for with errors.Is.
func (r *request) mask(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL
	}
	return &maskedError{r.masked(err.Error()), err}
}

// maskedError is an error that is told in other words.
type maskedError struct {
	text string
	err  error
}

// Error implements error.
func (e *maskedError) Error() string { return e.text }

// Unwrap returns the error that was masked.
func (e *maskedError) Unwrap() error { return e.err }

// where is the server, as errors name it.
func (r *request) where() string { return r.url.Scheme + "://" + r.url.Host }
