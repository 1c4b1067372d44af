package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// statusTimeout bounds one question about the status, and its answer.
const statusTimeout = 10 * time.Second

// statusSocket answers whoever may look into the folder of the streams with the status as JSON: while a process has the folder, no other
// one can open it.
type statusSocket struct {
	dir      *os.File // the folder, by which the socket's path is short enough for any folder (108 bytes, unix(7))
	listener net.Listener
	done     sync.WaitGroup
}

func socketPath(dir *os.File) string {
	return "/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) + "/status.sock"
}

// serveStatus opens the socket.
func (b *Bus) serveStatus() (*statusSocket, error) {
	dir, err := os.Open(b.cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &statusSocket{dir: dir}
	_ = os.Remove(socketPath(dir)) // of a process that was killed: the folder is ours
	if s.listener, err = net.Listen("unix", socketPath(dir)); err != nil {
		dir.Close()
		return nil, fmt.Errorf("open the socket of the status: %w", err)
	}
	s.done.Go(func() { s.serve(b) })
	return s, nil
}

// serve answers one after the other.
func (s *statusSocket) serve(b *Bus) {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(100 * time.Millisecond) // no descriptors left
			continue
		}
		s.answer(b, c)
	}
}

func (s *statusSocket) answer(b *Bus, c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(statusTimeout))
	ctx, cancel := context.WithTimeout(context.Background(), statusTimeout)
	defer cancel()
	status, err := b.Status(ctx)
	if err != nil {
		b.log.Warn("the status cannot be told", "error", err)
		return
	}
	_ = json.NewEncoder(c).Encode(status) // whoever has gone away needs no answer
}

func (s *statusSocket) close() {
	s.listener.Close()
	s.done.Wait()
	s.dir.Close()
}

// ReadStatus returns the status of the bus in a folder: of the process that has it, or, where none has, of what lies there.
func ReadStatus(ctx context.Context, dir string, log *slog.Logger) (Status, error) {
	s, err := askStatus(ctx, dir)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return inspect(ctx, dir, log)
	}
	return s, err
}

// maxStatusBytes bounds the answer that is read.
const maxStatusBytes = 4 << 20

func askStatus(ctx context.Context, path string) (s Status, err error) {
	dir, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer dir.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*statusTimeout)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", socketPath(dir))
	if err != nil {
		return s, fmt.Errorf("ask for the status: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := json.NewDecoder(io.LimitReader(c, maxStatusBytes)).Decode(&s); err != nil {
		return s, fmt.Errorf("%w: it does not tell its status: %w", ErrUnavailable, err)
	}
	return s, nil
}

// inspect opens the streams of a folder as they are.
func inspect(ctx context.Context, dir string, log *slog.Logger) (Status, error) {
	if _, err := os.Stat(filepath.Join(dir, "jetstream")); err != nil {
		return Status{}, fmt.Errorf("there are no streams: %w", err)
	}
	cfg := DefaultConfig()
	cfg.Dir, cfg.Log = dir, log
	return look(ctx, cfg)
}

// ReadClusterStatus returns the status of the bus in a cluster.
func ReadClusterStatus(ctx context.Context, urls []string, auth Auth, log *slog.Logger) (Status, error) {
	cfg := DefaultConfig()
	cfg.URLs, cfg.Auth, cfg.Log = urls, auth, log
	return look(ctx, cfg)
}

// look connects, asks for the status, and changes nothing.
func look(ctx context.Context, cfg Config) (s Status, err error) {
	b, err := newBus(cfg)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, b.Close(ctx)) }()
	if err := b.connectJetStream(ctx); err != nil {
		return s, err
	}
	if b.ckpt, err = b.js.KeyValue(ctx, bucketCheckpoint); err == nil {
		b.meta, err = b.js.KeyValue(ctx, bucketMeta)
	}
	if err != nil {
		return s, fmt.Errorf("there are no streams of Parallax: %w", err)
	}
	return b.Status(ctx)
}
