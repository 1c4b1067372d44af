package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// ErrConfig is a setting that cannot be: errors.Is tells it from what went wrong otherwise.
var ErrConfig = errors.New("wrong configuration")

// configError is an ErrConfig that says what is wrong.
type configError struct{ error }

func (configError) Is(target error) bool { return target == ErrConfig }

// closers are what is to be closed, the last one first.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

// close closes all, once.
func (c *closers) close() error {
	var err error
	for i := len(*c) - 1; i >= 0; i-- {
		err = errors.Join(err, (*c)[i]())
	}
	*c = nil
	return err
}

// Sensor is the kernel sensor of this machine, loaded.
type Sensor struct {
	*sensor.Source
	open closers
}

// OpenSensor loads the sensor. What it is to be called and told is in cfg but for the name of the node.
func OpenSensor(cfg sensor.Config, c *config.Sensor, env func(string) string) (*Sensor, error) {
	s := &Sensor{}
	if err := s.load(cfg, c, env); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Sensor) load(cfg sensor.Config, c *config.Sensor, env func(string) string) error {
	parser, err := cgroup.New(cgroup.Config{Roots: c.CgroupRoots, KubeletRoots: c.KubeletRoots})
	if err != nil {
		return configError{err}
	}
	files, err := runtimeFiles(c)
	if err != nil {
		return err
	}
	s.open.add(files.Close)
	loaded, err := bpf.Load(programs(c))
	if err != nil {
		return err
	}
	s.open.add(loaded.Close)
	cfg.NodeName = NodeName(c, env)
	if c.State != "" {
		cfg.Sessions = sensor.State{Path: c.State}.Load
	}
	s.Source = sensor.New(cfg, loaded, sensor.NodeClock{}, sensor.NewNode(files, parser, c.Host))
	return nil
}

// Close lets go of the kernel's programs and of the files.
func (s *Sensor) Close() error { return s.open.close() }

// programs is what the settings say about the kernel's programs.
func programs(c *config.Sensor) bpf.Config {
	cfg := bpf.DefaultConfig()
	cfg.Host, cfg.FailedExecs, cfg.RuntimeSetup, cfg.LockFile = c.Host, c.FailedExecs, c.RuntimeSetup, c.Lock
	return cfg
}

// NodeName is the name of the machine.
func NodeName(c *config.Sensor, env func(string) string) string {
	host, _ := os.Hostname()
	return cmp.Or(c.Node, env("NODE_NAME"), host, "localhost")
}

// runtimeFiles opens the machine's files.
func runtimeFiles(c *config.Sensor) (*runtimefiles.Files, error) {
	cfg := runtimefiles.Config{Root: c.HostRoot}
	for _, text := range c.RuntimeDirs {
		runtime, dir, _ := strings.Cut(text, "=")
		to := map[string]*[]string{
			"containerd": &cfg.Containerd, "cri-o": &cfg.Storage, "podman": &cfg.Storage, "docker": &cfg.Docker, "runc": &cfg.Runc, "crun": &cfg.Runc,
		}[runtime]
		if to == nil || !strings.HasPrefix(dir, "/") {
			return nil, configError{fmt.Errorf("--runtime-dir %s: want containerd, cri-o, podman, docker or runc, then = and an absolute folder", text)}
		}
		*to = append(*to, dir)
	}
	return runtimefiles.New(cfg)
}

// SensorLines tells people what a sensor that is ready watches; the first line only where something is not watched at all.
func SensorLines(s *kernel.Start) (missing, watched string) {
	var names []string
	for _, h := range s.Hooks {
		if h.Mechanism == "" {
			names = append(names, h.Name)
		}
	}
	if len(names) > 0 {
		missing = "not watched, since this kernel has no way for it ('parallax doctor' tells more): " + strings.Join(names, ", ")
	}
	return missing, fmt.Sprintf("kernel sensor on %s, %d of %d hooks", event.Escape(s.Node), len(s.Hooks)-len(names), len(s.Hooks))
}
