package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/falcosecurity/client-go/pkg/api/outputs"
	"github.com/falcosecurity/client-go/pkg/api/schema"
	"github.com/falcosecurity/client-go/pkg/api/version"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// falcoServer is Falco's gRPC server as it was up to 0.43 (grpc_server_impl.cpp): one queue for all readers, from which an alert is gone when it is
// handed out. Get hands out what there is and ends; Sub does so for each request, and is silent in between.
type falcoServer struct {
	outputs.UnimplementedServiceServer
	mu       sync.Mutex
	queue    []*outputs.Response // guarded by mu, as all below
	requests int

	ended chan struct{} // gets a value for each Sub that ended
}

func newFalcoServer(alerts ...*outputs.Response) *falcoServer {
	return &falcoServer{queue: alerts, ended: make(chan struct{}, 1000)}
}

// falcoVersion is apart, since the two generated types of methods not implemented have the same name.
type falcoVersion struct {
	version.UnimplementedServiceServer
}

func (falcoVersion) Version(context.Context, *version.Request) (*version.Response, error) {
	return &version.Response{Version: "0.43.1", Major: 0, Minor: 43, Patch: 1}, nil
}

func (f *falcoServer) push(alerts ...*outputs.Response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, alerts...)
}

func (f *falcoServer) pop() *outputs.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return nil
	}
	first := f.queue[0]
	f.queue = f.queue[1:]
	return first
}

func (f *falcoServer) Get(_ *outputs.Request, s outputs.Service_GetServer) error {
	for r := f.pop(); r != nil; r = f.pop() {
		if err := s.Send(r); err != nil {
			return err
		}
	}
	return nil
}

func (f *falcoServer) Sub(s outputs.Service_SubServer) error {
	defer func() { f.ended <- struct{}{} }()
	for {
		if _, err := s.Recv(); err != nil {
			return nil // the client wants no more
		}
		f.mu.Lock()
		f.requests++
		f.mu.Unlock()
		for r := f.pop(); r != nil; r = f.pop() {
			if err := s.Send(r); err != nil {
				return err
			}
		}
	}
}

// serve serves f at l until stop is called.
func (f *falcoServer) serve(t *testing.T, l net.Listener, cfg *tls.Config) (stop func()) {
	t.Helper()
	options := []grpc.ServerOption{grpc.WaitForHandlers(true)} // or a stream that is over could take alerts away from the next
	if cfg != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(cfg)))
	}
	s := grpc.NewServer(options...)
	outputs.RegisterServiceServer(s, f)
	version.RegisterServiceServer(s, falcoVersion{})
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return s.Stop
}

// onSocket listens on a unix socket, and returns how a client names it.
func onSocket(t *testing.T) (l net.Listener, target string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "falco.sock")
	return listenAt(t, path), "unix://" + path
}

func listenAt(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// numbered is an alert that can be told from others.
func numbered(n int) *outputs.Response {
	return &outputs.Response{
		Time: timestamppb.New(time.Unix(1795168800, int64(n))), Priority: schema.Priority_WARNING, Rule: fmt.Sprintf("rule %d", n), Hostname: "node-3", Source: "syscall",
		Output: "10:00:00.000000001: Warning something", Tags: []string{"T1059"}, OutputFields: map[string]string{"proc.pid": "17", "fd.name": "null", "proc.name": "sh"},
	}
}

// kept is a store that hands on what it stores, and fails as often as it is told to before.
type kept struct {
	alerts chan storedAlert
	fail   chan error
}

type storedAlert struct{ sender, alert string }

func newKept() *kept {
	return &kept{alerts: make(chan storedAlert, 1000), fail: make(chan error, 1000)}
}

func (k *kept) store(_ context.Context, sender string, alert []byte) error {
	select {
	case err := <-k.fail:
		return err
	default:
	}
	k.alerts <- storedAlert{sender, string(alert)}
	return nil
}

// next is the next alert that is stored.
func (k *kept) next(t *testing.T) storedAlert {
	t.Helper()
	select {
	case a := <-k.alerts:
		return a
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was stored")
		panic("unreachable")
	}
}

var errFull = errors.New("the stream is full")
