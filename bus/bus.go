package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bus is a connection to the streams, and the server that keeps them where it is inside this process. Use Open.
type Bus struct {
	cfg        Config
	log        *slog.Logger
	server     *embedded     // nil: a cluster
	socket     *statusSocket // nil: a cluster
	nc         *nats.Conn
	js         jetstream.JetStream
	broken     signal             // the connection has broken
	meta       jetstream.KeyValue // what hubs agree on: the lease, the key of message ids
	ckpt       jetstream.KeyValue
	factStream jetstream.Stream
	gone       goneFacts     // facts that hold no more, to be removed
	evicted    atomic.Uint64 // facts that held
	idKey      []byte        // of message ids: agents cannot guess those
	packer     *packer
}

// Open starts the server inside this process, or connects to the cluster, and makes the streams where they are not there. It
// waits until ctx ends for a cluster that does not answer.
func Open(ctx context.Context, cfg Config) (*Bus, error) {
	b, err := newBus(cfg)
	if err != nil {
		return nil, err
	}
	if err := b.open(ctx); err != nil {
		return nil, errors.Join(err, b.Close(ctx))
	}
	return b, nil
}

func newBus(cfg Config) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	b := &Bus{cfg: cfg, log: cfg.Log}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	return b, nil
}

func (b *Bus) open(ctx context.Context) (err error) {
	if err := b.connectJetStream(ctx); err != nil {
		return err
	}
	if b.packer, err = newPacker(); err != nil {
		return err
	}
	if err := b.checkVersion(); err != nil {
		return err
	}
	if err := b.makeAll(ctx); err != nil {
		return err
	}
	if b.server != nil {
		if b.socket, err = b.serveStatus(); err != nil {
			b.log.Warn("parallax bus status will not work while this process runs", "error", err)
		}
	}
	return nil
}

// connectJetStream starts the server, if it is to be inside this process, and connects.
func (b *Bus) connectJetStream(ctx context.Context) (err error) {
	if b.cfg.Dir != "" {
		if b.server, err = startEmbedded(ctx, &b.cfg, b.log); err != nil {
			return err
		}
	}
	if b.nc, err = b.connect(ctx); err != nil {
		return err
	}
	if b.js, err = jetstream.New(b.nc, jetstream.WithDefaultTimeout(b.cfg.Timeout)); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	return nil
}

// Close gives up the connection, and stops the server inside this process once it has written what it has. It may be called
// twice.
func (b *Bus) Close(context.Context) error {
	if b.socket != nil {
		b.socket.close()
	}
	if b.nc != nil {
		_ = b.nc.FlushTimeout(time.Second) // acknowledgements; those that do not arrive are given again
		b.nc.Close()
	}
	if b.server != nil {
		return b.server.close()
	}
	return nil
}
