package kernel

import "fmt"

// Bounds of what a fact tells, of that which is kept. Who reads runtimes' files and lists of users keeps to them, and a fact beyond them
// is forged.
const (
	MaxNameBytes     = 253 // of a name: Kubernetes' own bound (DNS subdomain)
	MaxTextBytes     = 512 // of an image's reference or a label's value
	MaxLabels        = 64  // of a container
	MaxLabelKeyBytes = 317 // a prefix of 253, a slash and a name of 63
	MaxUsers         = 4096
	MaxUserBytes     = 64 // of the name of a user or group

	maxIDBytes   = 255  // of a container: NAME_MAX of Linux, since it is the name of a cgroup
	maxPathBytes = 4096 // PATH_MAX of Linux
	maxCommBytes = 256  // four times what /proc tells of a kernel thread's name, which may be escaped (proc_task_name, fs/proc/array.c)
)

// size is how long something is, or how many there are, and the most that there may be.
type size struct {
	what   string
	n, max int
}

func within(sizes ...size) error {
	for _, s := range sizes {
		if s.n > s.max {
			return fmt.Errorf("%s: %d, at most %d", s.what, s.n, s.max)
		}
	}
	return nil
}

// check says what of a fact is beyond its bounds.
func (f *Fact) check() error {
	var err error
	kind := ""
	switch {
	case f.Start != nil:
		kind, err = "start", f.Start.check()
	case f.Process != nil:
		kind, err = "process", f.Process.check()
	case f.Container != nil:
		kind, err = "container", f.Container.check()
	case f.Lost != nil:
		kind, err = "lost", within(size{"bytes of reason", len(f.Lost.Reason), MaxNameBytes})
	case f.Users != nil:
		kind, err = "users", f.Users.check()
	}
	if err != nil {
		return fmt.Errorf("%s fact: %w", kind, err)
	}
	return nil
}

func (s *Start) check() error {
	return within(size{"bytes of node", len(s.Node), MaxNameBytes}, size{"bytes of boot id", len(s.BootID), MaxNameBytes})
}

func (f *Found) check() error {
	if f.Session != nil {
		if err := f.Session.validate(); err != nil {
			return fmt.Errorf("session: %w", err)
		}
	}
	return within(size{"bytes of name", len(f.Name), maxCommBytes})
}

func (c *Container) check() error {
	for k, v := range c.Labels {
		if err := within(size{"bytes of a label's key", len(k), MaxLabelKeyBytes}, size{"bytes of a label", len(v), MaxTextBytes}); err != nil {
			return err
		}
	}
	return within(
		size{"bytes of id", len(c.ID), maxIDBytes}, size{"bytes of sandbox id", len(c.SandboxID), maxIDBytes},
		size{"bytes of pod uid", len(c.PodUID), maxIDBytes}, size{"bytes of runtime", len(c.Runtime), MaxNameBytes},
		size{"bytes of path", len(c.CgroupPath), maxPathBytes}, size{"cgroups", len(c.Cgroups), maxNested},
		size{"bytes of name", len(c.Name), MaxNameBytes}, size{"bytes of pod", len(c.Pod), MaxNameBytes},
		size{"bytes of namespace", len(c.Namespace), MaxNameBytes}, size{"bytes of image", len(c.Image), MaxTextBytes},
		size{"bytes of image id", len(c.ImageID), MaxTextBytes}, size{"labels", len(c.Labels), MaxLabels},
	)
}

func (u *Users) check() error {
	for _, names := range []map[uint32]string{u.Users, u.Groups} {
		if err := within(size{"users or groups", len(names), MaxUsers}); err != nil {
			return err
		}
		for _, n := range names {
			if err := within(size{"bytes of a user's name", len(n), MaxUserBytes}); err != nil {
				return err
			}
		}
	}
	return within(size{"bytes of container id", len(u.ContainerID), maxIDBytes})
}
