package kernel

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

const (
	hexA   = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hexB   = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	podUID = "2f6a1b1e-3f9e-4c55-9d0a-7c1d2e3f4a5b"
	podA   = "/kubepods/burstable/pod" + podUID + "/" + hexA
)

// world is a table as the live source has it, and what is told to it.
type world struct {
	t *testing.T
	*Containers
	now uint64
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, Containers: NewContainers(ContainersConfig{Parser: new(cgroup.Parser)}), now: 1e9}
	w.Host(bpf.NS{Mnt: 1, Pid: 2})
	return w
}

func (w *world) mkdir(id, parent uint64, path string) *Container {
	return w.Cgroup(&bpf.Cgroup{Head: bpf.Head{TimeNs: w.now}, Id: id, ParentId: parent, Op: opCgroupMkdir}, []byte(path))
}

func (w *world) rmdir(id uint64) {
	w.Cgroup(&bpf.Cgroup{Head: bpf.Head{TimeNs: w.now}, Id: id, Op: opCgroupRmdir}, nil)
}

// exec is the head of an exec in a cgroup and namespaces, by a runtime in cgroup 1.
func (w *world) exec(cgroup uint64, mnt, pid uint32) *bpf.Head {
	h := &bpf.Head{Kind: uint8(bpf.KindExec), TimeNs: w.now, Cgroup: cgroup, ParentCgroup: 1, ParentPidns: 2, ParentMntns: 1}
	h.Ns.Mnt, h.Ns.Pid = mnt, pid
	if pid != 2 {
		h.PidnsLevel = 1
	}
	return h
}

// of checks which container a head is of: "id via", or "-".
func (w *world) of(h *bpf.Head, want string) {
	w.t.Helper()
	got := "-"
	if c, via := w.Of(h); c != nil {
		got = c.ID + " " + string(via)
	}
	if got != want {
		w.t.Errorf("cgroup %d mnt %d pid %d: %s, want %s", h.Cgroup, h.Ns.Mnt, h.Ns.Pid, got, want)
	}
}

func TestContainersByCgroup(t *testing.T) {
	w := newWorld(t)
	if c := w.mkdir(9, 1, "/kubepods/burstable/pod"+podUID); c != nil {
		t.Errorf("a pod's cgroup is %+v", c)
	}
	got := w.mkdir(10, 9, podA)
	want := &Container{ID: hexA, PodUID: podUID, CgroupID: 10, CgroupPath: podA}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	w.of(w.exec(9, 1, 2), "-")
	runc := w.exec(10, 49, 2) // executes itself, in the mount namespace of a containerd that has one of its own
	runc.Flags = bpf.FlagRuntime
	w.of(runc, hexA+" cgroup")
	w.of(w.exec(10, 50, 60), hexA+" cgroup")
	if got.MntNS != 50 || got.PIDNS != 60 || got.StartNs != w.now {
		t.Errorf("first program: %+v", got)
	}
	w.of(w.exec(10, 51, 61), hexA+" cgroup")
	if got.MntNS != 50 || w.ByMntNS(50) != got || w.ByMntNS(51) != nil || w.ByPIDNS(60) != got || w.ByID(hexA) != got {
		t.Errorf("after a second program: %+v", got)
	}
}

// A container's own program has the node's hierarchy mounted, and makes a cgroup there that looks like a container's.
func TestContainersMadeInsideContainers(t *testing.T) {
	forged := "/kubepods/besteffort/podffffffff-9999-9999-9999-999999999999/" + hexB
	mkdir := func(w *world, flags uint32) *Container {
		w.mkdir(10, 9, podA)
		h := *w.exec(10, 50, 60)
		w.of(&h, hexA+" cgroup")
		h.Kind, h.Flags = uint8(bpf.KindCgroup), flags
		return w.Cgroup(&bpf.Cgroup{Head: h, Id: 20, ParentId: 19, Op: opCgroupMkdir}, []byte(forged))
	}
	w := newWorld(t)
	if c := mkdir(w, bpf.FlagScopePidNS|bpf.FlagScopeMark); c != nil {
		t.Errorf("an identity was made inside a container: %+v", c)
	}
	w.of(w.exec(20, 50, 60), hexA+" cgroup")
	w = newWorld(t)
	if c := mkdir(w, bpf.FlagScopeCgroup|bpf.FlagRuntime); c == nil {
		t.Error("a runtime at work in a container's cgroup cannot make another")
	}
	nested, err := cgroup.New(cgroup.Config{Roots: []string{"/docker/node"}})
	if err != nil {
		t.Fatal(err)
	}
	w = newWorld(t)
	w.parser = nested
	w.mkdir(10, 9, "/docker/node"+podA)
	made := w.Cgroup(&bpf.Cgroup{Head: bpf.Head{Flags: bpf.FlagScopePidNS | bpf.FlagScopeMark}, Id: 20, Op: opCgroupMkdir}, []byte("/docker/node"+forged))
	if made == nil {
		t.Error("the runtime of a node that is a container makes none")
	}
}

func TestContainersByNamespaces(t *testing.T) {
	w := newWorld(t)
	w.mkdir(10, 1, podA)
	w.mkdir(11, 1, "/system.slice/session.scope")
	w.Of(w.exec(10, 50, 60))
	w.of(w.exec(11, 50, 60), hexA+" mntns")
	w.of(w.exec(11, 50, 2), hexA+" mntns")
	w.of(w.exec(11, 1, 60), hexA+" pidns")
	w.of(w.exec(11, 1, 2), "-")
	w.of(w.exec(0, 50, 60), hexA+" mntns")
}

func TestContainersShareNamespaces(t *testing.T) {
	w := newWorld(t)
	w.mkdir(10, 1, podA)
	w.mkdir(20, 1, strings.Replace(podA, hexA, hexB, 1))
	w.Of(w.exec(10, 50, 60))
	w.Of(w.exec(20, 70, 60)) // shareProcessNamespace
	w.of(w.exec(1, 1, 60), hexA+" pidns")
	w.of(w.exec(1, 70, 60), hexB+" mntns")
	w.mkdir(30, 1, "/docker/"+hexB)
	w.Of(w.exec(30, 80, 2)) // the node's processes
	if c := w.ByCgroup(30); c.MntNS != 80 || c.PIDNS != 0 || w.ByPIDNS(2) != nil {
		t.Errorf("container with the node's pid namespace: %+v", c)
	}
	w.mkdir(40, 1, "/default/t")
	if w.Of(w.exec(40, 1, 2)); w.ByCgroup(40).MntNS != 0 {
		t.Error("the node's mount namespace is a container's")
	}
}

func TestContainersBelow(t *testing.T) {
	w := newWorld(t)
	w.mkdir(10, 1, podA)
	for i, path := range []string{podA + "/docker", podA + "/docker/" + hexB, "/docker/" + hexB} {
		id := 11 + uint64(i)
		if c := w.mkdir(id, id-1, path); c != nil { // the parent's id tells, whatever the path says
			t.Errorf("%s is %+v", path, c)
		}
		w.of(w.exec(id, 90, 91), hexA+" cgroup")
	}
	if w.Len() != 1 {
		t.Errorf("%d containers", w.Len())
	}
}

func TestContainersTombstones(t *testing.T) {
	w := newWorld(t)
	w.mkdir(10, 1, podA)
	w.mkdir(11, 10, podA+"/sub")
	w.Of(w.exec(10, 50, 60))
	w.rmdir(11)
	w.rmdir(10)
	if c := w.ByCgroup(10); c == nil || !c.Gone {
		t.Fatalf("%+v", c)
	}
	w.now += tombstoneNs - 1
	w.of(w.exec(10, 50, 60), hexA+" cgroup")
	w.of(w.exec(11, 50, 60), hexA+" cgroup")
	w.now++
	w.of(w.exec(10, 50, 60), "-")
	if w.ByID(hexA) != nil || w.Len() != 0 || len(w.cgroups)+len(w.byMntNS)+len(w.byPIDNS)+len(w.byPath)+len(w.tombs) != 0 {
		t.Errorf("left: %+v", w.Containers)
	}
}

// The kernel gives the number of a namespace to the next one as soon as it is free (proc_alloc_inum).
func TestNamespacesOfAContainerThatEnded(t *testing.T) {
	w := newWorld(t)
	w.mkdir(10, 1, podA)
	w.Of(w.exec(10, 50, 60))
	late := w.exec(1, 50, 60)
	w.now++
	exit := w.exec(10, 50, 60)
	exit.Kind, exit.Vpid = uint8(bpf.KindExit), 1
	w.of(exit, hexA+" cgroup")
	w.now++
	w.of(w.exec(1, 50, 2), "-")
	w.of(w.exec(1, 1, 60), "-")
	w.of(late, hexA+" mntns")
	w.mkdir(20, 1, "/docker/"+hexB)
	w.of(w.exec(20, 50, 60), hexB+" cgroup")
	w.of(w.exec(1, 50, 2), hexB+" mntns")
	w.rmdir(10)
	w.rmdir(20)
	w.of(w.exec(1, 50, 2), hexB+" mntns")
	w.now++
	w.of(w.exec(1, 50, 2), "-")
}

func TestContainersUseNamesAndNamespacesAgain(t *testing.T) {
	w := newWorld(t)
	first := w.mkdir(10, 1, "/default/t")
	w.Of(w.exec(10, 50, 60))
	w.rmdir(10)
	second := w.mkdir(11, 1, "/default/t")
	w.Of(w.exec(11, 50, 60))
	if first == second || w.ByID("t") != second || w.ByMntNS(50) != second || w.ByPIDNS(60) != second {
		t.Error("the second container is not found")
	}
	if w.ByCgroup(10) != first {
		t.Error("the first container is not found any more")
	}
	third := w.mkdir(12, 1, "/default/t") // the removal of 11 was lost
	if !second.Gone || w.ByID("t") != third {
		t.Errorf("second %+v", second)
	}
	w.now += tombstoneNs
	w.tick(w.now)
	if w.Len() != 1 || w.ByID("t") != third || w.ByCgroup(10) != nil || w.ByCgroup(12) != third {
		t.Errorf("%d containers", w.Len())
	}
}

func TestContainersInTwoHierarchies(t *testing.T) {
	w := newWorld(t)
	c := w.mkdir(10|bpf.CgroupV1, 1, "/docker/"+hexA)
	if again := w.mkdir(10, 1, "/docker/"+hexA); again != c || !slices.Equal(c.Cgroups, []uint64{10}) {
		t.Errorf("%+v", again)
	}
	w.of(w.exec(10, 50, 60), hexA+" cgroup")
	w.of(w.exec(10|bpf.CgroupV1, 50, 60), hexA+" cgroup")
}

func TestContainersFound(t *testing.T) {
	w := newWorld(t)
	w.Found(1, "/")
	w.Found(2, "/kubepods")
	c := w.Found(10, podA)
	if again := w.Found(11, podA+"/init.scope"); again != c || !slices.Equal(c.Cgroups, []uint64{11}) {
		t.Errorf("%+v", again)
	}
	if again := w.Found(11, podA+"/init.scope"); again != nil {
		t.Errorf("found twice: %+v", again)
	}
	p := &Process{Cgroup: 11, NS: bpf.NS{Mnt: 50, Pid: 60}, PIDNSLevel: 1, Key: Key{StartNs: 77}}
	if got, via := w.OfFound(p); got != c || via != ViaCgroup || c.MntNS != 50 || c.StartNs != 77 {
		t.Errorf("%+v %s", got, via)
	}
	if all := slices.Collect(w.All()); len(all) != 1 || all[0] != c {
		t.Errorf("%v", all)
	}
}

func TestContainersWhoseOwnCgroupWasNotSeen(t *testing.T) {
	w := newWorld(t)
	c := w.Found(11, podA+"/init.scope")
	if c == nil || c.CgroupID != 0 || c.CgroupPath != podA {
		t.Fatalf("%+v", c)
	}
	if again := w.Found(10, podA); again != c || c.CgroupID != 10 {
		t.Errorf("%+v", again)
	}
	other := w.Found(21, "/docker/"+hexB+"/x")
	w.rmdir(21)
	w.now += tombstoneNs
	w.tick(w.now)
	if other == nil || w.Len() != 1 {
		t.Errorf("%d containers are left", w.Len())
	}
}

func TestUnknown(t *testing.T) {
	w := newWorld(t)
	f := func(h *bpf.Head, want uint64) {
		t.Helper()
		if id, ok := w.Unknown(h); id != want || ok != (want != 0) {
			t.Errorf("cgroup %d: unknown %d %t", h.Cgroup, id, ok)
		}
	}
	w.mkdir(10, 1, podA)
	f(w.exec(10, 50, 60), 0)
	f(w.exec(0, 50, 60), 0)
	f(w.exec(11, 50, 60), 11)
	w.Found(11, "") // it is not there any more
	f(w.exec(11, 50, 60), 0)
}

func TestInfer(t *testing.T) {
	w := newWorld(t)
	w.Found(1, "/")
	w.mkdir(5, 1, "/qlab")
	if c := w.mkdir(6, 5, "/qlab/c1"); c != nil {
		t.Errorf("a path of no shape is %+v", c)
	}
	for name, change := range map[string]func(*bpf.Head){
		"fork":              func(h *bpf.Head) { h.Kind = uint8(bpf.KindFork) },
		"parent's cgroup":   func(h *bpf.Head) { h.ParentCgroup = 6 },
		"parent inside":     func(h *bpf.Head) { h.ParentPidns = 60 },
		"no namespace":      func(h *bpf.Head) { h.PidnsLevel = 0 },
		"unknown cgroup":    func(h *bpf.Head) { h.Cgroup = 7 },
		"the node's cgroup": func(h *bpf.Head) { h.Cgroup, h.ParentCgroup = 1, 6 },
	} {
		h := w.exec(6, 50, 60)
		change(h)
		if c := w.Infer(h); c != nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
	c := w.Infer(w.exec(6, 50, 60))
	if diff := cmp.Diff(&Container{ID: "c1", CgroupID: 6, CgroupPath: "/qlab/c1"}, c); diff != "" {
		t.Fatal(diff)
	}
	w.of(w.exec(6, 50, 60), "c1 cgroup")
	w.mkdir(7, 6, "/qlab/c1/docker")
	w.mkdir(8, 7, "/qlab/c1/docker/"+hexA)
	w.of(w.exec(8, 51, 61), "c1 cgroup")
	if c := w.Infer(w.exec(8, 52, 62)); c != nil {
		t.Errorf("a container in a container is %+v", c)
	}
	w.of(w.exec(5, 50, 60), "c1 mntns")
	w.of(w.exec(5, 1, 2), "-")
	if c := w.Found(9, "/qlab/c1/late"); c == nil || c.ID != "c1" {
		t.Errorf("%+v", c)
	}
}

func TestInferFound(t *testing.T) {
	w := newWorld(t)
	w.Found(5, "/lxc/web")
	w.mkdir(6, 5, "/lxc/web/init.scope")
	init := &Process{VPID: 1, Cgroup: 6, NS: bpf.NS{Mnt: 50, Pid: 60}, PIDNSLevel: 1}
	sandbox := &Process{Cgroup: 6, NS: bpf.NS{Mnt: 1, Pid: 2}}
	if c := w.InferFound(init, sandbox); c != nil {
		t.Errorf("in the cgroup of its parent: %+v", c)
	}
	if c := w.InferFound(&Process{VPID: 2, Cgroup: 6, NS: init.NS, PIDNSLevel: 1}, nil); c != nil {
		t.Errorf("not the first process: %+v", c)
	}
	if c := w.InferFound(init, nil); c == nil || c.ID != "web" || c.CgroupID != 5 {
		t.Errorf("%+v", c)
	}
	if c, _ := w.OfFound(init); c == nil || c.MntNS != 50 {
		t.Errorf("%+v", c)
	}
}

func TestAdd(t *testing.T) {
	w := &world{t: t, Containers: NewContainers(ContainersConfig{}), now: 1e9} // as a decoder has it
	if c := w.mkdir(10, 1, podA); c != nil {
		t.Errorf("without a parser a path says %+v", c)
	}
	w.mkdir(11, 10, podA+"/early")
	w.Add(&Container{ID: hexA, CgroupID: 10, CgroupPath: podA, Cgroups: []uint64{12}})
	c := w.ByID(hexA)
	w.mkdir(13, 10, podA+"/late")
	for id := range uint64(4) {
		w.of(w.exec(10+id, 50, 60), hexA+" cgroup")
	}
	w.Add(&Container{ID: hexA, CgroupID: 10, CgroupPath: podA, Name: "web", Pod: "web-1"})
	if w.Len() != 1 || c.Name != "web" || c.MntNS != 50 || c.StartNs != w.now {
		t.Errorf("known better: %+v", c)
	}
	w.Add(c)
	if w.Len() != 1 || c.Name != "web" || w.ByMntNS(50) != c {
		t.Errorf("told of itself: %+v", c)
	}
	w.Add(&Container{ID: "named", CgroupID: 10, CgroupPath: podA})
	if w.Len() != 1 || c.ID != "named" || w.ByID(hexA) != nil || w.ByID("named") != c {
		t.Errorf("under another name: %+v", c)
	}
	w.Add(&Container{ID: "bare", MntNS: 70})
	w.of(w.exec(1, 70, 2), "bare mntns")
	w.Add(&Container{ID: "bare", Image: "x"})
	if w.ByMntNS(70).Image != "x" || w.Len() != 2 {
		t.Errorf("%+v", w.ByMntNS(70))
	}
	w.Add(&Container{ID: "named", CgroupID: 10, CgroupPath: podA, Gone: true})
	w.now += tombstoneNs
	if w.tick(w.now); w.Len() != 1 {
		t.Errorf("%d containers", w.Len())
	}
}

func TestContainersAreBounded(t *testing.T) {
	w := newWorld(t)
	c := w.mkdir(10, 1, podA)
	for id := range uint64(3 * maxNested) {
		w.mkdir(100+id, 10, podA+"/n")
	}
	if n := len(w.byID[hexA].cgroups); n != maxNested || w.Refused() == 0 {
		t.Errorf("%d cgroups of one container", n)
	}
	w.Of(w.exec(10, 50, 60))
	if _, ok := w.Unknown(w.exec(1e9, 50, 60)); ok {
		t.Error("a cgroup that would not be taken is asked for")
	}
	w.of(w.exec(1e9, 50, 60), hexA+" mntns")
	for id := range uint64(3 * maxNested) {
		w.rmdir(100 + id)
	}
	if n := len(w.tombs); n > maxNested || c.Gone {
		t.Errorf("%d tombs", n)
	}
	for id := range uint64(3 * maxPlain) {
		w.mkdir(1e6+id, 1, "/system.slice/x.service")
	}
	if w.plain > maxPlain || len(w.cgroups) > maxPlain+maxNested {
		t.Errorf("%d cgroups", len(w.cgroups))
	}
	for id := range uint64(maxContainers + 10) {
		w.mkdir(1e7+id, 1, fmt.Sprint("/default/t", id))
	}
	if w.Len() != maxContainers || w.ByID("t9000") != nil {
		t.Errorf("%d containers", w.Len())
	}
	w.rmdir(1e7)
	if w.mkdir(5, 1, "/default/new") == nil || w.ByID("t0") != nil || w.Len() != maxContainers {
		t.Error("a container that is gone does not make room")
	}
}

// Whatever order and ids a forged recording has, the table stays consistent.
func FuzzContainers(f *testing.F) {
	f.Add([]byte{0, 10, 1, 1, 11, 10, 2, 10, 0, 3, 11, 50, 4, 10, 0, 5, 11, 7})
	paths := []string{"/", "/qlab/c1", podA, podA + "/x", "/docker/" + hexB, "/docker/" + hexA, "/default/t", "", "x", "/default/t/init.scope"}
	f.Fuzz(func(t *testing.T, ops []byte) {
		w := newWorld(t)
		for ; len(ops) >= 3; ops = ops[3:] {
			id, arg := uint64(ops[1]%32), ops[2]
			if ops[1] >= 128 {
				id |= bpf.CgroupV1
			}
			path := paths[int(arg)%len(paths)]
			switch ops[0] % 8 {
			case 0:
				w.mkdir(id, uint64(arg%32), path)
			case 1:
				w.rmdir(id)
			case 2:
				w.Found(id, path)
			case 3:
				w.Of(w.exec(id, uint32(arg%8), uint32(arg/8)))
			case 4:
				w.Infer(w.exec(id, uint32(arg%8), uint32(arg/8)))
			case 5:
				w.Add(&Container{ID: string('a' + rune(arg%4)), CgroupID: id, CgroupPath: path, MntNS: uint32(arg % 8), Gone: arg > 200})
			case 6:
				w.now += uint64(arg) << 30
			case 7:
				h := w.exec(id, uint32(arg%8), uint32(arg/8))
				h.Kind, h.Vpid = uint8(bpf.KindExit), 1
				w.Of(h)
				w.Unknown(w.exec(id, uint32(arg%8), 2))
			}
			w.check()
		}
	})
}

// check looks for what may never be.
func (w *world) check() {
	w.t.Helper()
	plain := 0
	for id, e := range w.cgroups {
		switch {
		case e.owner == nil:
			plain++
		case !slices.Contains(e.owner.cgroups, id):
			w.t.Errorf("cgroup %d is of a container that does not know it", id)
		default:
			w.known(e.owner)
		}
	}
	if plain != w.plain {
		w.t.Errorf("%d cgroups of the node, counted %d", plain, w.plain)
	}
	for _, m := range []map[uint32]*tracked{w.byMntNS, w.byPIDNS} {
		for _, k := range m {
			w.known(k)
		}
	}
	for _, m := range []map[string]*tracked{w.byID, w.byPath} {
		for _, k := range m {
			w.known(k)
		}
	}
}

func (w *world) known(k *tracked) {
	w.t.Helper()
	if _, ok := w.all[k]; !ok {
		w.t.Errorf("container %q is found and not in the table", k.c.ID)
	}
}
