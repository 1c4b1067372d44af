package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// health is what /healthz and /readyz tell. Its methods may be called from any goroutine.
type health struct {
	mu     sync.Mutex
	checks map[string]func() error // guarded by mu: what has to be well for the process to be ready
	failed error                   // guarded by mu: what ended, and should not have
}

func newHealth() *health { return &health{checks: map[string]func() error{}} }

// ready adds a check; nil is well. It is called for each request, and must not wait.
func (h *health) ready(name string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[name] = check
}

// fail says that the process is not alive any more, though it may still be stopping.
func (h *health) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = err
}

func (h *health) live() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed != nil {
		return "", h.failed
	}
	return "ok\n", nil
}

// all asks all checks, in the order of their names.
func (h *health) all() (string, error) {
	h.mu.Lock()
	names := make([]string, 0, len(h.checks))
	for name := range h.checks {
		names = append(names, name)
	}
	checks := h.checks
	h.mu.Unlock()
	sort.Strings(names)
	var lines strings.Builder
	var errs []error
	for _, name := range names {
		h.mu.Lock()
		check := checks[name]
		h.mu.Unlock()
		if err := check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		fmt.Fprintf(&lines, "%s: ok\n", name)
	}
	return lines.String(), errors.Join(errs...)
}

// answer makes a handler of a question about health.
func answer(ask func() (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text, err := ask()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			text += err.Error() + "\n"
		}
		_, _ = w.Write([]byte(text))
	}
}

// opsServer serves what operators look at, on a port of its own.
type opsServer struct {
	listener net.Listener
	server   *http.Server
}

// newOps listens at address, so that it is told at once when that cannot be had.
func newOps(address string, h *health, registry *prometheus.Registry, more map[string]http.Handler) (*opsServer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", answer(h.live))
	mux.Handle("GET /readyz", answer(h.all))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	for pattern, handler := range more {
		mux.Handle(pattern, handler)
	}
	if host, _, err := net.SplitHostPort(listener.Addr().String()); err == nil && net.ParseIP(host).IsLoopback() {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index) // what it tells is for this machine only
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	}
	return &opsServer{listener, &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 90 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}}, nil
}

// run serves until ctx is done.
func (o *opsServer) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if o.server.Shutdown(grace) != nil {
			_ = o.server.Close()
		}
	})
	defer stop()
	if err := o.server.Serve(o.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}

// newRegistry is a registry of what every process tells, and of more.
func newRegistry(version string, more ...prometheus.Collector) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "parallax_build_info", Help: "1.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	all := append([]prometheus.Collector{build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}, more...)
	for _, c := range all {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return registry, nil
}
