package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// GRPCConfig says which Falco is read. DefaultGRPCConfig has the times and bounds.
type GRPCConfig struct {
	// Target is "unix:///run/falco/falco.sock", or "HOST:5060".
	Target string
	// TLS is for HOST:5060, which Falco serves with mutual TLS only. nil for a socket.
	TLS *tls.Config
	// Sender is what alerts call this Falco.
	Sender string
	// Log takes what an operator should see, each kind at most once in ten seconds. nil: nothing is logged.
	Log *slog.Logger

	// Poll is how often Falco is asked for what it has: it sends nothing by itself.
	Poll time.Duration
	// MaxBytes bounds one alert. A larger one is lost, and the connection is made anew.
	MaxBytes int
	// FirstRetry and LastRetry bound the time between connections.
	FirstRetry, LastRetry time.Duration
	// Drain is how long what is under way may take to be stored once Run is told to end.
	Drain time.Duration
}

// DefaultGRPCConfig returns the times and bounds.
func DefaultGRPCConfig() GRPCConfig {
	return GRPCConfig{
		Sender: "grpc", Poll: time.Second, MaxBytes: 1 << 20, FirstRetry: 500 * time.Millisecond, LastRetry: 30 * time.Second, Drain: 3 * time.Second,
	}
}

// GRPCCounts counts what became of a Falco's alerts.
type GRPCCounts struct {
	Stored   uint64
	Lost     uint64 // read from Falco's queue, and not stored before the end
	Garbled  uint64 // connections that ended because of an alert that could not be read: it is lost
	Failures uint64 // connections that ended or did not come about, those among them
	Up       bool   // connected
}

// GRPC reads the outputs of one Falco, up to 0.43, where it still has them.
//
// Falco's queue is one for all readers, and forgets an alert when it hands it out: a second reader (falco-exporter, say) takes alerts away, and
// what is between Falco and us when either dies is lost. The next one is read when the last is stored.
type GRPC struct {
	cfg   GRPCConfig
	store Store
	log   *rarely

	stored, lost, garbled, failures atomic.Uint64
	up                              atomic.Bool
}

const unixScheme = "unix:"

// NewGRPC returns what reads the Falco that cfg names and hands its alerts to store.
func NewGRPC(cfg GRPCConfig, store Store) (*GRPC, error) {
	onSocket := strings.HasPrefix(cfg.Target, unixScheme)
	switch {
	case cfg.Target == "":
		return nil, errors.New("no address of Falco's gRPC server")
	case onSocket && cfg.TLS != nil:
		return nil, fmt.Errorf("%s: Falco has no TLS on its socket", cfg.Target)
	case !onSocket && cfg.TLS == nil:
		return nil, fmt.Errorf("%s: Falco wants a client certificate (mutual TLS) but on a unix socket", cfg.Target)
	}
	return &GRPC{cfg: cfg, store: store, log: newRarely(cfg.Log)}, nil
}

// Counts returns the counts.
func (g *GRPC) Counts() GRPCCounts {
	return GRPCCounts{Stored: g.stored.Load(), Lost: g.lost.Load(), Garbled: g.garbled.Load(), Failures: g.failures.Load(), Up: g.up.Load()}
}

// Run reads alerts until ctx ends, connecting anew whenever the connection fails. Its error is never about ctx. It is called once.
func (g *GRPC) Run(ctx context.Context) error {
	for wait := g.cfg.FirstRetry; ctx.Err() == nil; {
		was := g.stored.Load()
		err := g.connect(ctx)
		g.up.Store(false)
		if ctx.Err() != nil {
			break
		}
		g.failed(err)
		if g.stored.Load() != was {
			wait = g.cfg.FirstRetry
		}
		sleep(ctx, wait/2+rand.N(wait/2+1))
		wait = min(2*wait, g.cfg.LastRetry)
	}
	return nil
}

// failed counts and tells why a connection ended.
func (g *GRPC) failed(err error) {
	g.failures.Add(1)
	msg := "Falco's gRPC output cannot be read: another try follows"
	switch status.Code(err) {
	case codes.ResourceExhausted, codes.Internal: // too large; no protocol buffer, or text that is not UTF-8
		g.garbled.Add(1)
		msg = "an alert of Falco's gRPC output is lost: it cannot be read"
	case codes.Unimplemented:
		msg = "Falco has no gRPC output: it is off, or this is Falco 0.44 or newer, which has http_output"
	}
	g.log.warn(msg, "falco", g.cfg.Target, "error", err)
}

// connect connects to Falco and reads its alerts until that fails or ctx ends.
func (g *GRPC) connect(ctx context.Context) error {
	creds := insecure.NewCredentials()
	if g.cfg.TLS != nil {
		creds = credentials.NewTLS(g.cfg.TLS)
	}
	conn, err := grpc.NewClient(
		g.cfg.Target,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(g.cfg.MaxBytes)),
		grpc.WithStaticStreamWindowSize(windowBytes), grpc.WithStaticConnWindowSize(windowBytes),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithDisableServiceConfig(), grpc.WithDisableRetry(),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	return g.watch(ctx, conn)
}

// What Falco has taken out of its queue and we have not read is bounded by the windows, the smallest that HTTP/2 has. A Falco that is gone without
// a word is noticed by pings, which a gRPC server suffers every five minutes.
const (
	windowBytes      = 64 << 10
	keepaliveTime    = 6 * time.Minute
	keepaliveTimeout = 20 * time.Second
)
