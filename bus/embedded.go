package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// embeddedPayload is the largest message of the server inside this process: the most that nats-server advises.
	embeddedPayload = 8 << 20
	// embeddedMemory bounds streams in memory. There are none, but a consumer that is not durable keeps its state there.
	embeddedMemory = 64 << 20
	// embeddedStore is no bound: each stream has its own. With less than the streams that are there may hold they would not be opened.
	embeddedStore = 1 << 50
	startTimeout  = 60 * time.Second // of a large store, on a busy disk
	// healthInterval is how often the server is looked at, restartFirst and restartMost how long it is left alone after it was started anew.
	healthInterval = time.Second
	// illFor is how many looks in a row have to find it broken, stoppedFor how many that it keeps no streams at all. A stream that is
	// just being made looks broken, too, on a slow disk for a while.
	illFor, stoppedFor = 10, 2
	restartFirst       = 2 * time.Second
	restartMost        = 5 * time.Minute
)

// embedded is a server of the streams inside this process. One that could not write (the disk was full) does not recover by itself:
// it is started anew as soon as there is room again.
type embedded struct {
	log  *slog.Logger
	opts *server.Options
	lock *os.File // held while the server runs
	disk disk
	stop context.CancelFunc
	done sync.WaitGroup

	mu   sync.Mutex
	nats *server.Server // guarded by mu
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
	e := &embedded{log: log, opts: opts, lock: lock, disk: disk{cfg.Dir, uint64(cfg.MinFreeBytes)}}
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.done.Go(func() { e.watch(watching) })
	return e, nil
}

func serverOptions(cfg *Config) *server.Options {
	return &server.Options{
		ServerName: "parallax", DontListen: true, NoSigs: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: cfg.Dir, SyncAlways: cfg.Sync == 0, SyncInterval: cfg.Sync,
		JetStreamMaxMemory: embeddedMemory, JetStreamMaxStore: embeddedStore,
		MaxPayload: embeddedPayload, MaxPending: 8 * embeddedPayload, MaxControlLine: 4 << 10,
	}
}

// start starts a server.
func (e *embedded) start(ctx context.Context) error {
	s, err := server.NewServer(e.opts.Clone())
	if err != nil {
		return fmt.Errorf("make the server of the streams: %w", err)
	}
	log := &serverLog{e.log, make(chan error, 1)}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if err := waitReady(ctx, s, log.fatal); err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return fmt.Errorf("start the server of the streams in %s: %w", e.disk.dir, err)
	}
	if a, is := s.Addr().(*net.TCPAddr); is {
		e.opts.Port = a.Port // the next one has the same
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nats = s
	return nil
}

// waitReady waits until a server takes connections and keeps streams.
func waitReady(ctx context.Context, s *server.Server, fatal <-chan error) error {
	deadline := time.Now().Add(startTimeout)
	for {
		ready := s.ReadyForConnections(100 * time.Millisecond)
		select {
		case err := <-fatal:
			return err
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if ready && s.JetStreamEnabled() {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("it does not get ready")
		}
	}
}

// InProcessConn connects to the server that runs now. It implements nats.InProcessConnProvider.
func (e *embedded) InProcessConn() (net.Conn, error) { return e.now().InProcessConn() }

func (e *embedded) now() *server.Server {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nats
}

// health says what is wrong with the server, nil where it works.
func (e *embedded) health() error {
	if h := e.now().Healthz(nil); h.StatusCode != 0 && h.StatusCode != 200 || h.Error != "" {
		return errors.New(h.Error)
	}
	return nil
}

// watch starts the server anew when it is broken and the disk has room, less and less often where that does not help.
func (e *embedded) watch(ctx context.Context) {
	wait, ill := restartFirst, 0
	for sleep(ctx, healthInterval) == nil {
		err := e.health()
		if err == nil {
			wait, ill = restartFirst, 0
			continue
		}
		if ill++; ill < e.patience() || e.disk.status().Full {
			continue
		}
		ill = 0
		e.log.Error("the server of the streams is started anew", "error", err)
		e.shutdown()
		if err := e.start(ctx); err != nil {
			e.log.Error("the server of the streams does not start", "error", err)
		}
		if sleep(ctx, wait) != nil {
			return
		}
		wait = min(2*wait, restartMost)
	}
}

// patience is how many looks in a row have to find the server broken.
func (e *embedded) patience() int {
	if e.now().JetStreamEnabled() {
		return illFor
	}
	return stoppedFor
}

func (e *embedded) shutdown() {
	s := e.now()
	s.Shutdown()
	s.WaitForShutdown()
}

// close stops the server, which writes what it has, and gives the folder back. The second call does nothing.
func (e *embedded) close() error {
	e.stop()
	e.done.Wait()
	e.shutdown()
	if err := e.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("unlock the folder of the streams: %w", err)
	}
	return nil
}
