package nats

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// When alerts are stored by JetStream.
const (
	JetStreamAuto   = "auto"   // where a stream takes the subject
	JetStreamAlways = "always" // alerts wait until a stream takes the subject
	JetStreamNever  = "never"
)

// maxSubjectBytes bounds the subject; longer ones make a server end the connection.
const maxSubjectBytes = 256

// Config says where alerts are published and as whom.
type Config struct {
	URLs      []string
	Subject   string // the severity is appended: plx.out.high
	JetStream string // JetStreamAuto, JetStreamAlways or JetStreamNever

	CredsFile string // JWT and seed
	NKeyFile  string // seed
	TokenFile string

	CAFile            string // who signed the servers' certificates; empty: those that the system trusts
	CertFile, KeyFile string // the client's certificate; empty: none

	Timeout   time.Duration // to connect, and of one answer
	Reconnect time.Duration // before a server that did not answer is asked again; as much again may be added
	Log       *slog.Logger  // told when the connection is lost or made again; nil: nobody
}

// DefaultConfig publishes to plx.out, by JetStream where a stream takes it.
func DefaultConfig() Config {
	return Config{Subject: "plx.out", JetStream: JetStreamAuto, Timeout: 10 * time.Second, Reconnect: time.Second}
}

// Validate says what is wrong.
func (c Config) Validate() error {
	if len(c.URLs) == 0 {
		return errors.New("no server is named")
	}
	for _, s := range c.URLs {
		if u, err := url.Parse(s); err != nil || u.Host == "" {
			return errors.New("a server must be named as nats://HOST:4222 or tls://HOST:4222")
		} else if u.User != nil {
			return errors.New("a URL with a password or token: they belong into files")
		}
	}
	switch c.JetStream {
	case JetStreamAuto, JetStreamAlways, JetStreamNever:
	default:
		return fmt.Errorf("jetStream must be %s, %s or %s, not %q", JetStreamAuto, JetStreamAlways, JetStreamNever, c.JetStream)
	}
	switch {
	case !validSubject(c.Subject):
		return fmt.Errorf("%q is no subject that can be published to", c.Subject)
	case (c.CertFile == "") != (c.KeyFile == ""):
		return errors.New("a client's certificate and its key come together: one of them is missing")
	case c.Timeout <= 0 || c.Reconnect <= 0:
		return errors.New("times must be more than 0")
	}
	return nil
}

// validSubject says whether s consists of tokens without wildcards, and is not the servers' own.
func validSubject(s string) bool {
	if len(s) > maxSubjectBytes || strings.HasPrefix(s, "$") {
		return false
	}
	for token := range strings.SplitSeq(s, ".") {
		if token == "" {
			return false
		}
		for _, c := range []byte(token) {
			if c <= ' ' || c >= 0x7f || c == '*' || c == '>' {
				return false
			}
		}
	}
	return true
}

func (c Config) log() *slog.Logger { return cmp.Or(c.Log, slog.New(slog.DiscardHandler)) }
