package kerneltest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// container is what lines told of one.
type container struct {
	kernel.Container
	ns          bpf.NS
	userns      uint32
	usernsLevel uint32
	pidLevel    uint32
	caps        uint64 // of its root
	started     bool
	sharesPID   bool // its pid namespace is another container's of its pod
}

// container takes a container that the sensor learns of.
func (w *world) container(k *containerLine) error {
	if err := w.ready(); err != nil {
		return err
	}
	if k.Name == "" && k.ID == "" {
		return fmt.Errorf("a container needs a name or an id")
	}
	pod := cmp.Or(k.Pod, k.PodUID)
	c := &container{Container: kernel.Container{
		ID: k.ID, PodUID: k.PodUID, Runtime: cmp.Or(k.Runtime, "containerd"), Sandbox: k.Sandbox, Name: k.Name, Image: k.Image, ImageID: k.ImageID,
		Pod: k.Pod, Namespace: k.Namespace, SandboxID: k.SandboxID, Labels: k.Labels,
	}, userns: hostUserNS, caps: containerCaps}
	if c.ID == "" {
		c.ID = digest("container", k.Namespace, pod, k.Name)
	}
	if c.PodUID == "" && pod != "" {
		c.PodUID = uuid(digest("pod", k.Namespace, pod))
	}
	if _, err := w.containerNamed(c.ID); err == nil {
		return fmt.Errorf("there is a container of the id %s already", c.ID)
	}
	c.CgroupID = uint64(1000 + len(w.containers))
	c.CgroupPath = cmp.Or(k.Path, cgroupPath(c))
	if k.Privileged {
		c.caps = allCaps
	}
	if err := w.separate(c, k); err != nil {
		return err
	}
	w.containers = append(w.containers, c)
	told := c.Container
	told.Privileged = &k.Privileged
	if k.Nameless {
		told = kernel.Container{ID: c.ID, PodUID: c.PodUID, Runtime: c.Runtime, CgroupID: c.CgroupID, CgroupPath: c.CgroupPath}
	}
	return w.fact(&kernel.Fact{Container: &told})
}

func cgroupPath(c *container) string {
	if c.PodUID == "" {
		return "/system.slice/" + c.ID
	}
	return "/kubepods/besteffort/pod" + c.PodUID + "/" + c.ID
}

// separate gives the container its namespaces: its own, its pod's, or the node's.
func (w *world) separate(c *container, k *containerLine) error {
	c.ns = w.newNamespaces()
	c.pidLevel = 1
	for _, o := range w.containers {
		if c.PodUID != "" && o.PodUID == c.PodUID {
			c.ns.Net, c.ns.Ipc, c.ns.Uts = o.ns.Net, o.ns.Ipc, o.ns.Uts
			if k.SharePID {
				c.ns.Pid, c.sharesPID = o.ns.Pid, true
			}
		}
	}
	for _, name := range k.HostNS {
		to, err := member(&c.ns, name)
		if err != nil {
			return err
		}
		from, _ := member(&hostNS, name)
		*to = *from
		if name == "pid" {
			c.pidLevel = 0
		}
	}
	if k.UserNamespace {
		c.userns, c.usernsLevel = w.newNS(), 1
	}
	return nil
}

func (w *world) newNamespaces() bpf.NS {
	return bpf.NS{Mnt: w.newNS(), Pid: w.newNS(), Net: w.newNS(), Ipc: w.newNS(), Uts: w.newNS(), Cgroup: w.newNS()}
}

func (w *world) newNS() uint32 {
	w.lastNS++
	return w.lastNS
}

// member is the namespace of ns that is called name.
func member(ns *bpf.NS, name string) (*uint32, error) {
	switch name {
	case "mnt":
		return &ns.Mnt, nil
	case "pid":
		return &ns.Pid, nil
	case "net":
		return &ns.Net, nil
	case "ipc":
		return &ns.Ipc, nil
	case "uts":
		return &ns.Uts, nil
	case "cgroup":
		return &ns.Cgroup, nil
	}
	return nil, fmt.Errorf("no such namespace: %s (want mnt, pid, net, ipc, uts or cgroup)", name)
}

// containerNamed is the last container of a name, or the one of an id.
func (w *world) containerNamed(name string) (*container, error) {
	for i := range w.containers {
		if c := w.containers[len(w.containers)-1-i]; c.Name == name || c.ID == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no line before told of a container %s", name)
}

// digest is 64 hexadecimal digits that stand for words.
func digest(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])
}

// uuid is the beginning of a digest, written as a UUID.
func uuid(digest string) string {
	return strings.Join([]string{digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]}, "-")
}
