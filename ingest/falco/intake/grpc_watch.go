package intake

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/falcosecurity/client-go/pkg/api/outputs"
	"github.com/falcosecurity/client-go/pkg/api/version"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// watch asks Falco for alerts again and again, and stores what it sends. When ctx ends it asks no more, and stores what is still coming
// until Falco ends the stream or Drain is over.
func (g *GRPC) watch(ctx context.Context, conn *grpc.ClientConn) error {
	if err := g.greet(ctx, conn); err != nil {
		return err
	}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stream, err := outputs.NewServiceClient(conn).Sub(inner)
	if err != nil {
		cancel()
		return err
	}
	g.up.Store(true)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		g.ask(ctx, inner, stream)
		cancel()
	}()
	err = g.receive(inner, stream)
	cancel()
	<-asked
	return err
}

// greet asks which Falco this is, and logs it.
func (g *GRPC) greet(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	v, err := version.NewServiceClient(conn).Version(ctx, &version.Request{})
	switch {
	case status.Code(err) == codes.Unimplemented:
	case err != nil:
		return err
	default:
		g.log.log.Info("connected to Falco", "falco", g.cfg.Target, "version", v.GetVersion())
	}
	return nil
}

const greetTimeout = 10 * time.Second

// ask sends a request every Poll: Falco answers each with what its queue holds, and is silent in between. It returns when Falco cannot be asked, or
// ended is over, or, after ctx has, at the latest Drain later.
func (g *GRPC) ask(ctx, ended context.Context, stream outputs.Service_SubClient) {
	for ctx.Err() == nil {
		if stream.Send(&outputs.Request{}) != nil {
			<-ended.Done() // Recv tells why
			return
		}
		select {
		case <-time.After(g.cfg.Poll):
		case <-ctx.Done():
		case <-ended.Done():
			return
		}
	}
	_ = stream.CloseSend() // it never fails
	sleep(ended, g.cfg.Drain)
}

// receive stores what Falco sends, one after the other, until the stream ends.
func (g *GRPC) receive(ctx context.Context, stream outputs.Service_SubClient) error {
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return errors.New("the stream was ended by Falco")
		}
		if err != nil {
			return err
		}
		if err := g.keep(ctx, response); err != nil {
			return err
		}
	}
}

// keep stores one alert, however long that takes.
func (g *GRPC) keep(ctx context.Context, response *outputs.Response) error {
	alert, err := alertOf(response)
	if err == nil {
		err = persist(ctx, g.store, g.cfg.Sender, alert, func(err error) {
			g.log.warn("Falco's alerts wait to be stored", "sender", g.cfg.Sender, "error", err)
		})
	}
	if err != nil {
		g.lost.Add(1)
		return err
	}
	g.stored.Add(1)
	return nil
}
