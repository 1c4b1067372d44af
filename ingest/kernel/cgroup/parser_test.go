package cgroup

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	hexA   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	hexB   = "b123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeb"
	uid    = "2f6a1b1e-3f9e-4c55-9d0a-7c1d2e3f4a5b"
	uidS   = "2f6a1b1e_3f9e_4c55_9d0a_7c1d2e3f4a5b"
	static = "d2b1f5c0a1e2d3c4b5a697887766554f"
)

// fill puts ids for their short names.
func fill(s string) string {
	return strings.NewReplacer("AAA", hexA, "BBB", hexB, "UIDS", uidS, "UID", uid, "STATIC", static).Replace(s)
}

func TestParse(t *testing.T) {
	tests := []struct {
		path string
		want string // container id, pod uid, runtime, QoS and own path below; "": no container
	}{
		// Kubelet with cgroupfs.
		{"/kubepods/besteffort/podUID/AAA", "AAA UID - besteffort ."},
		{"/kubepods/burstable/podUID/AAA", "AAA UID - burstable ."},
		{"/kubepods/podUID/AAA", "AAA UID - guaranteed ."},
		{"/kubepods/burstable/podSTATIC/AAA", "AAA STATIC - burstable ."},
		{"/kubepods/burstable/podUID/crio-AAA", "AAA UID cri-o burstable ."},
		{"/kubepods/burstable/podUID/crio-conmon-AAA", ""},
		{"/kubepods/burstable/podUID", ""},
		{"/kubepods/burstable", ""},
		{"/kubepods", ""},
		{"/kubepods/burstable/AAA", ""},
		{"/kubepods/AAA", ""},
		{"/kubepods/guaranteed/podUID/AAA", ""},
		{"/kubepods/burstable/pod../AAA", ""},
		{"/kubepods/burstable/podUID/AAA0", ""},
		{"/kubepods/burstable/podUID/" + strings.ToUpper(hexA), ""},

		// Kubelet with systemd.
		{
			"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUIDS.slice/cri-containerd-AAA.scope",
			"AAA UID containerd burstable .",
		},
		{
			"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUIDS.slice/crio-AAA.scope",
			"AAA UID cri-o besteffort .",
		},
		{"/kubepods.slice/kubepods-podUIDS.slice/docker-AAA.scope", "AAA UID docker guaranteed ."},
		{"/kubepods.slice/kubepods-podUIDS.slice/AAA", "AAA UID - guaranteed ."},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSTATIC.slice/cri-containerd-AAA.scope", "AAA STATIC containerd burstable ."},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUIDS.slice/crio-conmon-AAA.scope", ""},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUIDS.slice", ""},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-podUIDS.slice/cri-containerd-AAA.scope", "AAA - containerd - ."}, // the slice of another QoS
		{"/kubepods.slice/docker-AAA.scope", "AAA - docker - ."},                                                             // --cgroup-parent
		{"/kubepods-podUIDS.slice/cri-containerd-AAA.scope", "AAA - containerd - ."},
		// containerd with cgroupfs below a kubelet with systemd.
		{"/kubepods-burstable-podUIDS.slice:cri-containerd:AAA", "AAA UID containerd burstable ."},
		{"/system.slice/containerd.service/kubepods-besteffort-podUIDS.slice:cri-containerd:AAA", "AAA UID containerd besteffort ."},
		{"/system.slice/k3s.service/kubepods-podUIDS.slice:cri-containerd:AAA", "AAA UID containerd guaranteed ."},
		{"/system.slice:docker:a7s8d9f7a8s9d7f8a9sd7f8as", "a7s8d9f7a8s9d7f8a9sd7f8as - docker - ."},
		{"/some/where/kubepods-podUIDS.slice:cri-containerd:AAA", ""},
		{"/system.slice:unheard:AAA", ""},

		// Docker, podman, nerdctl, plain runtimes with systemd.
		{"/docker/AAA", "AAA - docker - ."},
		{"/docker/buildkit", ""},
		{"/system.slice/docker-AAA.scope", "AAA - docker - ."},
		{"/system.slice/docker.service", ""},
		{"/a.slice/a-b.slice/docker-AAA.scope", "AAA - docker - ."},
		{"/system.slice/nerdctl-AAA.scope", "AAA - containerd - ."},
		{"/machine.slice/libpod-AAA.scope", "AAA - podman - ."},
		{"/machine.slice/libpod-AAA.scope/container", "AAA - podman - /machine.slice/libpod-AAA.scope"},
		{"/machine.slice/machine-libpod_pod_BBB.slice/libpod-AAA.scope", "AAA - podman - ."},
		{"/machine.slice/libpod-conmon-AAA.scope", ""},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-AAA.scope/container", "AAA - podman - /user.slice/user-1000.slice/user@1000.service/user.slice/libpod-AAA.scope"},
		{"/user.slice/user-1000.slice/user@1001.service/user.slice/libpod-AAA.scope", ""},
		{"/user.slice/user-1000.slice/session-3.scope", ""},
		{"/libpod_parent/libpod-AAA", "AAA - podman - ."},
		{"/libpod_parent/BBB/libpod-AAA", "AAA - podman - ."},
		{"/libpod_parent/conmon", ""},
		{"/system.slice/runc-web.scope", "web - runc - ."},
		{"/system.slice/crun-web-1.scope", "web-1 - crun - ."},
		{"/system.slice/docker-web.scope", ""},
		{"/docker-AAA.scope", ""}, // no slice
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", ""},

		// ctr.
		{"/default/t1", "t1 - containerd - ."},
		{"/k8s.io/AAA", "AAA - containerd - ."},
		{"/default/bad name", ""},
		{"/default/-x", ""},
		{"/default/" + strings.Repeat("a", 77), ""},
		{"/default", ""},

		// The outermost wins; what is made inside of a container is no identity.
		{"/docker/AAA/docker/BBB", "AAA - docker - /docker/AAA"},
		{"/docker/AAA/kubepods/burstable/podUID/BBB", "AAA - docker - /docker/AAA"},
		{"/kubepods/burstable/podUID/AAA/init.scope", "AAA UID - burstable /kubepods/burstable/podUID/AAA"},
		{"/kubepods/burstable/podUID/AAA/kubepods/podSTATIC/BBB", "AAA UID - burstable /kubepods/burstable/podUID/AAA"},
		{"/system.slice/docker-AAA.scope/system.slice/docker-BBB.scope", "AAA - docker - /system.slice/docker-AAA.scope"},
		{"/default/t1/docker/BBB", "t1 - containerd - /default/t1"},

		// Not anchored at the root: plain runc and what a task below it may have made.
		{"/qlab/c1", ""},
		{"/qlab/c1/kubepods/burstable/podUID/AAA", ""},
		{"/qlab/c1/docker/AAA", ""},
		{"/qlab/c1/kubepods.slice/kubepods-podUIDS.slice/cri-containerd-AAA.scope", ""},
		{"/process_api/eeea6ff93c354b1cd1f0c6c688d136d6", ""},
		{"/AAA", ""},

		// The node's own, and no paths.
		{"/", ""},
		{"/init.scope", ""},
		{"/k3s", ""},
		{"/system.slice/k3s.service", ""},
		{"", ""},
		{"docker/AAA", ""},
		{"//docker/AAA", ""},
		{"/docker/AAA/", ""},
		{"/docker/../docker/AAA", ""},
		{"/docker/AAA/../BBB", ""},
		{"/.." + "/docker/AAA", ""},
		{"/docker/AAA" + strings.Repeat("/d", 300), ""},
		{"/docker/AAA/" + strings.Repeat("d", 5000), ""},
	}
	for _, tt := range tests {
		check(t, new(Parser), fill(tt.path), fill(tt.want))
	}
}

// check compares what a parser says of a path with an identity in one line.
func check(t *testing.T, p *Parser, path, want string) {
	t.Helper()
	id, ok := p.Parse(path)
	got := ""
	if ok {
		if id.Path == path {
			id.Path = "."
		}
		for _, s := range []string{id.ContainerID, id.PodUID, id.Runtime, id.QoS, id.Path} {
			if s == "" {
				s = "-"
			}
			got += s + " "
		}
		got = strings.TrimSuffix(got, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", path, diff)
	}
}

func TestParseBelowConfiguredRoots(t *testing.T) {
	p, err := New(Config{Roots: []string{fill("/system.slice/docker-BBB.scope")}, KubeletRoots: []string{"/kubelet", "/a/b-c"}})
	if err != nil {
		t.Fatal(err)
	}
	f := func(path, want string) {
		t.Helper()
		check(t, p, fill(path), fill(want))
	}
	f("/system.slice/docker-BBB.scope/kubelet/kubepods/burstable/podUID/AAA", "AAA UID - burstable .")
	f("/system.slice/docker-BBB.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podUIDS.slice/cri-containerd-AAA.scope",
		"AAA UID containerd burstable .")
	f("/system.slice/docker-BBB.scope/kubepods/podUID/AAA", "AAA UID - guaranteed .")
	f("/system.slice/docker-BBB.scope/init.scope", "")
	f("/system.slice/docker-BBB.scope", "")
	f("/system.slice/docker-AAA.scope", "AAA - docker - .")
	f("/kubelet/kubepods/podUID/AAA/x", "AAA UID - guaranteed /kubelet/kubepods/podUID/AAA")
	f("/a/b-c/kubepods/podUID/AAA", "AAA UID - guaranteed .")
	f("/a.slice/a-b_c.slice/a-b_c-kubepods.slice/a-b_c-kubepods-podUIDS.slice/crio-AAA.scope", "AAA UID cri-o guaranteed .")
	f("/kubelets/kubepods/podUID/AAA", "")
}

func TestNewRefusesWhatIsNoPath(t *testing.T) {
	for _, s := range []string{"", "kubelet", "/kubelet/", "/a/../b"} {
		if _, err := New(Config{Roots: []string{s}}); err == nil {
			t.Errorf("root %q is taken", s)
		}
		if _, err := New(Config{KubeletRoots: []string{s}}); err == nil {
			t.Errorf("kubelet root %q is taken", s)
		}
	}
}

func TestInfer(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		id, ok := new(Parser).Infer(fill(path))
		got := ""
		if ok {
			got = id.ContainerID + " " + id.PodUID + " " + id.Path
		}
		if want = fill(want); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	f("/qlab/c1", "c1  /qlab/c1")
	f("/c1", "c1  /c1")
	f("/user.slice/user-0.slice/session-2.scope/c1", "c1  /user.slice/user-0.slice/session-2.scope/c1")
	f("/qlab/c1/init.scope", "c1  /qlab/c1")
	f("/lxc.payload.web/system.slice/cron.service", "lxc.payload.web  /lxc.payload.web")
	f("/ecs/STATIC/AAA", "AAA  /ecs/STATIC/AAA")
	f("/kubepods/burstable/podUID/evil", "evil UID /kubepods/burstable/podUID/evil")
	f("/kubepods/evil", "evil  /kubepods/evil")
	f("/q/a\x1b[31mb", "x85ca3840a7b37c9fe85ec86e604cfae0  /q/a\x1b[31mb")
	for _, own := range []string{
		"/", "", "/init.scope", "/system.slice/x.service", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-chrome-7.scope",
		"/kubepods", "/kubepods/burstable", "/kubepods/burstable/podUID", "/kubepods.slice/kubepods-podUIDS.slice", "/a/../b",
	} {
		f(own, "")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"/", "/kubepods/podUID/AAA", "/kubepods.slice/kubepods-podUIDS.slice/crio-AAA.scope", "/docker/AAA", "/default/x/y"} {
		f.Add(fill(s))
	}
	f.Add(fill("/user.slice/user-1.slice/user@1.service/a.slice/libpod-AAA.scope"))
	f.Add(fill("/system.slice/x.service/kubepods-podUIDS.slice:cri-containerd:AAA"))
	p, err := New(Config{Roots: []string{"/n"}, KubeletRoots: []string{"/kubelet"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if id, ok := p.Parse(path); ok {
			if inside, _ := p.Parse(id.Path + "/docker/" + hexB); inside != id {
				t.Errorf("%q: a cgroup inside gives %+v, want %+v", path, inside, id)
			}
		}
		for _, read := range []func(string) (Identity, bool){p.Parse, p.Infer} {
			id, ok := read(path)
			if !ok {
				if id != (Identity{}) {
					t.Errorf("%q: no container, yet %+v", path, id)
				}
				continue
			}
			if !ValidName(id.ContainerID) || id.PodUID != "" && !isUID(id.PodUID) {
				t.Errorf("%q: %+v", path, id)
			}
			if path != id.Path && !strings.HasPrefix(path, id.Path+"/") {
				t.Errorf("%q: own path %q", path, id.Path)
			}
			again, ok := read(id.Path)
			if !ok || again != id {
				t.Errorf("%q: its own path gives %+v, want %+v", path, again, id)
			}

		}
	})
}
