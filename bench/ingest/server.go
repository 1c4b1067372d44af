package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// server is a `parallax run` in a folder of its own.
type server struct {
	cmd     *exec.Cmd
	dir     string
	url     string
	metrics string
	said    *bytes.Buffer // what it wrote to standard error before it was ready
	ended   chan error    // what the process ended with, once
}

// usage is what the process used in all.
type usage struct {
	cpu     time.Duration
	peakRSS int64 // bytes
}

// start makes certificates, starts the process and waits until it is ready.
func start(ctx context.Context, binary string) (*server, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "parallax-bench")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, url: "https://" + listen + "/audit", metrics: "http://" + metrics + "/metrics", said: new(bytes.Buffer), ended: make(chan error, 1)}
	if out, err := exec.CommandContext(ctx, binary, "setup", "webhook", "--dir", s.file("hook"), "--url", s.url).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("setup webhook: %w\n%s", err, out), os.RemoveAll(dir))
	}
	s.cmd = exec.CommandContext(ctx, binary, "run", "--webhook-dir", s.file("hook"), "--listen", listen, "--data", s.file("state"),
		"--no-sensor", "--output", "json", "--out", s.file("alerts.jsonl"), "--metrics", metrics)
	if err := s.run(); err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

func (s *server) file(name string) string { return filepath.Join(s.dir, name) }

// freeAddress returns an address of this machine that nobody listens at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// run starts the process and returns when it says that it is ready.
func (s *server) run() error {
	out, err := s.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s (make build): %w", s.cmd.Path, err)
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		found := false
		for !found && lines.Scan() {
			found = strings.HasPrefix(lines.Text(), "ready")
			s.said.WriteString(lines.Text() + "\n")
		}
		ready <- found
		_, _ = io.Copy(io.Discard, out) // what it says later is of no use
		s.ended <- s.cmd.Wait()
	}()
	if !<-ready {
		return fmt.Errorf("parallax run: ended before it was ready\n%s", s.said)
	}
	return nil
}

// client returns one that shows the certificate of the API server.
func (s *server) client() (*http.Client, error) {
	cert, err := tls.LoadX509KeyPair(s.file("hook/client.crt"), s.file("hook/client.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(s.file("hook/ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("no certificate in ca.crt")
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: roots}, ForceAttemptHTTP2: true,
	}}, nil
}

// waitJudged waits until so many events are judged.
func (s *server) waitJudged(ctx context.Context, events int) error {
	const most = 5 * time.Minute
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("not all is judged after %v", most))
	defer cancel()
	for {
		n, err := s.judged(ctx)
		switch {
		case err != nil:
			return err
		case n > events:
			return fmt.Errorf("%d events judged, of %d", n, events)
		case n == events:
			return nil
		}
		if sleep(ctx, 20*time.Millisecond) != nil {
			return context.Cause(ctx)
		}
	}
}

// judged asks the process how many events it has judged.
func (s *server) judged(ctx context.Context) (int, error) {
	const name = "\nparallax_events_total "
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, nil)
	if err != nil {
		return 0, err
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), name)
	if !ok {
		return 0, errors.New("no parallax_events_total in /metrics")
	}
	value, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(value, 64)
	return int(n), err
}

// stop ends the process in order and tells what it used.
func (s *server) stop() (usage, error) {
	var u usage
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return u, err
	}
	if i := auditlog.After(status, "VmHWM:"); i >= 0 {
		if _, err := fmt.Sscan(string(status[i:]), &u.peakRSS); err != nil {
			return u, err
		}
		u.peakRSS <<= 10
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return u, err
	}
	if err := <-s.ended; err != nil {
		return u, fmt.Errorf("parallax run: %w", err)
	}
	s.ended <- nil
	u.cpu = s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
	return u, nil
}

// kill ends the process if it has not ended, and removes its folder.
func (s *server) kill() {
	if s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // it may have ended
		<-s.ended
	}
	_ = os.RemoveAll(s.dir) // a temporary folder
}
