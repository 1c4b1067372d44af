package sensor

import (
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

// ThisNode returns what asks the node that the program runs on.
func ThisNode() Node {
	return Node{
		Parser:     new(cgroup.Parser),
		Host:       HostNamespaces,
		Cgroups:    func(func(uint64, string)) error { return nil },
		CgroupPath: func(uint64) string { return "" },
		Processes:  func() ([]kernel.Found, error) { return nil, nil },
		Describe:   func(*kernel.Container) bool { return false },
		Users:      func(*kernel.Container, kernel.Key) (*kernel.Users, bool) { return nil, false },
	}
}
