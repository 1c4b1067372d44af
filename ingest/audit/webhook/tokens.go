package webhook

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	maxTokenFileBytes = 64 << 10
	minTokenBytes     = 16
	// tokensGoodFor is how long tokens are not looked at again.
	tokensGoodFor = 5 * time.Second
)

// tokens are the bearer tokens in a file. Only their hashes are kept, so that comparing takes the same time for all.
type tokens struct {
	file string

	mu     sync.Mutex
	hashes [][sha256.Size]byte // guarded by mu
	read   time.Time           // when the file was looked at; guarded by mu
}

func newTokens(file string) (*tokens, error) {
	t := &tokens{file: file}
	return t, t.reload(time.Now())
}

// check says whether a request has a good token. An error tells that the file could not be read: then the tokens of before are good.
func (t *tokens) check(r *http.Request, now time.Time) (ok bool, err error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.read) >= tokensGoodFor {
		err = t.reload(now)
	}
	return t.has(strings.TrimSpace(token)), err
}

// has looks at all tokens, whichever is the right one. The caller holds mu.
func (t *tokens) has(token string) bool {
	sum, found := sha256.Sum256([]byte(token)), 0
	for i := range t.hashes {
		found |= subtle.ConstantTimeCompare(sum[:], t.hashes[i][:])
	}
	return found == 1
}

// reload reads the file; with an error what was read before stays. The caller holds mu, or is alone.
func (t *tokens) reload(now time.Time) error {
	t.read = now
	data, err := readSmall(t.file)
	if err != nil {
		return fmt.Errorf("read tokens: %w", err)
	}
	var hashes [][sha256.Size]byte
	for line := range bytes.Lines(data) {
		token := bytes.TrimSpace(line)
		if len(token) == 0 {
			continue
		}
		if len(token) < minTokenBytes {
			return fmt.Errorf("read tokens: %s: a token has fewer than %d bytes", t.file, minTokenBytes)
		}
		hashes = append(hashes, sha256.Sum256(token))
	}
	if len(hashes) == 0 {
		return fmt.Errorf("read tokens: %s: no token in it", t.file)
	}
	t.hashes = hashes
	return nil
}

func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTokenFileBytes+1))
	if err == nil && len(data) > maxTokenFileBytes {
		err = errors.New("too large")
	}
	return data, err
}
