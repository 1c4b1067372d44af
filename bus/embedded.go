package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/sys/unix"
)

const (
	// embeddedPayload is the largest message of the server inside this process: the most that nats-server advises.
	embeddedPayload = 8 << 20
	// embeddedMemory bounds streams in memory. There are none, but a consumer that is not durable keeps its state there.
	embeddedMemory = 64 << 20
	startTimeout   = 60 * time.Second // of a large store, on a busy disk
)

// embedded is a server of the streams inside this process.
type embedded struct {
	nats *server.Server
	lock *os.File // held while the server runs
}

// startEmbedded locks the folder, starts a server on it and waits until that has read its files.
func startEmbedded(ctx context.Context, cfg *Config, log *slog.Logger) (_ *embedded, err error) {
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	opts := serverOptions(cfg)
	if cfg.Agents != nil {
		if err := cfg.Agents.apply(opts, log); err != nil {
			return nil, err
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("make the server of the streams: %w", err)
	}
	s.SetLoggerV2(&serverLog{log: log}, false, false, false)
	go s.Start()
	e := &embedded{nats: s, lock: lock}
	if err := e.waitReady(ctx, cfg.Dir); err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, err
	}
	return e, nil
}

func serverOptions(cfg *Config) *server.Options {
	return &server.Options{
		ServerName: "parallax", DontListen: true, NoSigs: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: cfg.Dir, SyncAlways: cfg.Sync == 0, SyncInterval: cfg.Sync, NoJetStreamStrict: false,
		JetStreamMaxMemory: embeddedMemory, JetStreamMaxStore: cfg.Limits.total() + 4*bucketBytes,
		MaxPayload: embeddedPayload, MaxPending: 4 * embeddedPayload, MaxControlLine: 4 << 10,
	}
}

// waitReady waits until the server takes connections and keeps streams.
func (e *embedded) waitReady(ctx context.Context, dir string) error {
	deadline := time.Now().Add(startTimeout)
	for !e.nats.ReadyForConnections(100*time.Millisecond) || !e.nats.JetStreamEnabled() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("start the server of the streams: %w", err)
		}
		if !e.nats.Running() || time.Now().After(deadline) {
			return fmt.Errorf("start the server of the streams in %s: it does not get ready (is the folder writable?)", dir)
		}
	}
	return nil
}

// stop stops the server, which writes what it has, and gives the folder back. The second call does nothing.
func (e *embedded) stop() error {
	e.nats.Shutdown()
	e.nats.WaitForShutdown()
	if err := e.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("unlock the folder of the streams: %w", err)
	}
	return nil
}

// ErrInUse says that another process has the folder of the streams.
var ErrInUse = errors.New("another process uses the folder")

// lockDir makes the folder and locks it for as long as the file is open, so that two servers never write to the same files.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the streams: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the folder of the streams: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}
