package box

import (
	"encoding/json"
	"slices"
)

// The parts of config.json that are used (OCI Runtime Specification, config.md and config-linux.md).
type spec struct {
	Version     string            `json:"ociVersion"`
	Process     specProcess       `json:"process"`
	Root        specRoot          `json:"root"`
	Hostname    string            `json:"hostname,omitempty"`
	Mounts      []specMount       `json:"mounts"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Linux       specLinux         `json:"linux"`
}

type specProcess struct {
	Terminal        bool                `json:"terminal"`
	User            specUser            `json:"user"`
	Args            []string            `json:"args"`
	Env             []string            `json:"env"`
	Cwd             string              `json:"cwd"`
	Capabilities    map[string][]string `json:"capabilities"`
	NoNewPrivileges bool                `json:"noNewPrivileges"`
}

type specUser struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

type specRoot struct {
	Path     string `json:"path"`
	Readonly bool   `json:"readonly"`
}

type specMount struct {
	Destination string   `json:"destination"`
	Type        string   `json:"type"`
	Source      string   `json:"source"`
	Options     []string `json:"options"`
}

type specLinux struct {
	CgroupsPath string          `json:"cgroupsPath"`
	Namespaces  []specNamespace `json:"namespaces"`
}

type specNamespace struct {
	Type string `json:"type"`
}

// Config is what a container is to be.
type Config struct {
	ID          string            // of the container; 64 hexadecimal digits where it is to look like one of Kubernetes
	CgroupsPath string            // from the root of the hierarchy
	Root        string            // folder with its root file system, absolute
	Args        []string          // empty: it sleeps
	Privileged  bool              // it has the capabilities to mount and to trace
	HostPID     bool              // it shares the node's processes
	Annotations map[string]string // as a runtime of Kubernetes writes them
	Volumes     map[string]string // folders of this machine, by their place in the container
}

// JSON returns the container's config.json.
func (c *Config) JSON() ([]byte, error) {
	caps := c.capabilities()
	s := spec{
		Version: "1.0.2",
		Process: specProcess{
			Args: c.args(), Env: []string{"PATH=/bin", "HOME=/"}, Cwd: "/",
			Capabilities: map[string][]string{"bounding": caps, "effective": caps, "permitted": caps},
		},
		Root:        specRoot{Path: c.Root},
		Hostname:    "box",
		Mounts:      c.mounts(),
		Annotations: c.Annotations,
		Linux:       specLinux{CgroupsPath: c.CgroupsPath, Namespaces: c.namespaces()},
	}
	return json.MarshalIndent(s, "", " ")
}

func (c *Config) args() []string {
	if len(c.Args) > 0 {
		return c.Args
	}
	return []string{"/bin/sleep", "100000"}
}

// capabilities returns Docker's 14, and more for a privileged container.
func (c *Config) capabilities() []string {
	caps := []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
		"CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
	}
	if c.Privileged {
		caps = append(caps, "CAP_SYS_ADMIN", "CAP_SYS_PTRACE")
	}
	return caps
}

func (c *Config) namespaces() []specNamespace {
	all := []specNamespace{{"pid"}, {"mount"}, {"ipc"}, {"uts"}, {"network"}}
	if c.HostPID {
		all = slices.Delete(all, 0, 1)
	}
	return all
}

func (c *Config) mounts() []specMount {
	all := []specMount{
		{"/proc", "proc", "proc", []string{"nosuid", "noexec", "nodev"}},
		{"/dev", "tmpfs", "tmpfs", []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{"/dev/pts", "devpts", "devpts", []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}},
		{"/dev/shm", "tmpfs", "shm", []string{"nosuid", "nodev", "mode=1777", "size=65536k"}},
		{"/sys", "sysfs", "sysfs", []string{"nosuid", "noexec", "nodev", "ro"}},
	}
	for place, folder := range c.Volumes {
		all = append(all, specMount{place, "bind", folder, []string{"bind", "rw"}})
	}
	return all
}
