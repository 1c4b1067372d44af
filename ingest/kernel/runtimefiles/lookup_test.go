package runtimefiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

const (
	idA    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	idS    = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	podUID = "2f6a1b1e-3f9e-4c55-9d0a-7c1d2e3f4a5b"
	task   = "/run/containerd/io.containerd.runtime.v2.task/"
)

// node is a Files over a root folder with these files. A content that begins with "-> " is a symbolic link.
func node(t *testing.T, files map[string]string) *Files {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := New(Config{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// lookup checks what is found of a container.
func lookup(t *testing.T, f *Files, in, want kernel.Container) {
	t.Helper()
	found, err := f.Lookup(&in, 0)
	if !found || err != nil {
		t.Fatalf("found %t, %v", found, err)
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Error(diff)
	}
}

const criContainer = `{
  "ociVersion": "1.0.2-dev",
  "process": {
    "args": ["sleep", "60"], "env": ["PASSWORD=hunter2"],
    "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_CHOWN"]}
  },
  "annotations": {
    "io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.image-name": "registry.example/web:1.2", "io.kubernetes.cri.sandbox-id": "` + idS + `",
    "io.kubernetes.cri.sandbox-name": "web-7c9", "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-uid": "` + podUID + `"
  },
  "linux": {"maskedPaths": ["/proc/kcore"], "resources": {"devices": [{"allow": false, "access": "rwm"}]}}
}`

func TestContainerd(t *testing.T) {
	f := node(t, map[string]string{task + "k8s.io/" + idA + "/config.json": criContainer, task + "moby/x/config.json": "{}"})
	lookup(t, f, kernel.Container{ID: idA, CgroupPath: "/kubepods/burstable/pod" + podUID + "/" + idA}, kernel.Container{
		ID: idA, PodUID: podUID, Runtime: "containerd", CgroupPath: "/kubepods/burstable/pod" + podUID + "/" + idA,
		Name: "web", Image: "registry.example/web:1.2", Pod: "web-7c9", Namespace: "shop", SandboxID: idS, Privileged: new(false),
	})
	lookup(t, f, kernel.Container{ID: idA, PodUID: "of-the-path"}, kernel.Container{
		ID: idA, PodUID: "of-the-path", Runtime: "containerd",
		Name: "web", Image: "registry.example/web:1.2", Pod: "web-7c9", Namespace: "shop", SandboxID: idS, Privileged: new(false),
	})
}

func TestContainerdSandbox(t *testing.T) {
	f := node(t, map[string]string{"/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" + idS + "/config.json": `{"annotations": {
		"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": "` + idS + `", "io.kubernetes.cri.sandbox-name": "web-7c9",
		"io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-image-name": "pause:3.10"}}`})
	lookup(t, f, kernel.Container{ID: idS}, kernel.Container{
		ID: idS, Runtime: "containerd", Sandbox: true, SandboxID: idS, Pod: "web-7c9", Namespace: "shop", Image: "pause:3.10",
	})
}

func TestContainerdNamespaceOfThePathComesFirst(t *testing.T) {
	f := node(t, map[string]string{
		task + "k8s.io/t1/config.json":  `{"annotations": {"io.kubernetes.cri.container-name": "pods"}}`,
		task + "default/t1/config.json": `{"annotations": {"nerdctl/name": "mine"}}`,
	})
	lookup(t, f, kernel.Container{ID: "t1", CgroupPath: "/default/t1"}, kernel.Container{ID: "t1", CgroupPath: "/default/t1", Runtime: "containerd", Name: "mine"})
	lookup(t, f, kernel.Container{ID: "t1"}, kernel.Container{ID: "t1", Runtime: "containerd", Name: "pods"})
}

func TestCRIO(t *testing.T) {
	f := node(t, map[string]string{"/run/containers/storage/overlay-containers/" + idA + "/userdata/config.json": `{
	  "process": {"capabilities": {"bounding": ["CAP_SYS_ADMIN"]}},
	  "annotations": {
	    "io.kubernetes.container.name": "web", "io.kubernetes.pod.name": "web-7c9", "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "` + podUID + `",
	    "io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "` + idS + `", "io.kubernetes.cri-o.ImageName": "quay.example/web:1",
	    "io.kubernetes.cri-o.ImageRef": "sha256:00", "io.kubernetes.cri-o.Labels": "{\"io.kubernetes.pod.name\":\"web-7c9\",\"app\":\"web\"}",
	    "io.kubernetes.cri-o.Annotations": "{\"token\":\"hunter2\"}"},
	  "linux": {"resources": {"devices": [{"allow": true, "access": "rwm"}]}}}`})
	lookup(t, f, kernel.Container{ID: idA, Runtime: "cri-o"}, kernel.Container{
		ID: idA, PodUID: podUID, Runtime: "cri-o", Name: "web", Image: "quay.example/web:1", ImageID: "sha256:00", Pod: "web-7c9", Namespace: "shop",
		SandboxID: idS, Labels: map[string]string{"app": "web"}, Privileged: new(true),
	})
}

func TestPodman(t *testing.T) {
	dir := "/var/lib/containers/storage/overlay-containers/"
	f := node(t, map[string]string{
		dir + idA + "/userdata/config.json": `{"annotations": {"io.container.manager": "libpod", "org.opencontainers.image.stopSignal": "15"}}`,
		dir + "containers.json": `[{"id": "x", "names": ["other"]}, {"id": "` + idA + `", "names": ["brave"], "image": "11ff",
			"metadata": "{\"image-name\":\"docker.io/library/box:latest\",\"name\":\"brave\"}"}]`,
	})
	lookup(t, f, kernel.Container{ID: idA, Runtime: "podman"}, kernel.Container{
		ID: idA, Runtime: "podman", Name: "brave", Image: "docker.io/library/box:latest", ImageID: "11ff",
	})
}

func TestDocker(t *testing.T) {
	dir := "/var/lib/docker/containers/" + idA
	files := map[string]string{
		dir + "/config.v2.json": `{"ID": "` + idA + `", "Name": "/brave", "Image": "sha256:11", "Config": {"Image": "box:1", "Env": ["A=hunter2"],
			"Labels": {"team": "a", "io.kubernetes.unused": "b"}}}`,
		dir + "/hostconfig.json":              `{"Privileged": true}`,
		task + "moby/" + idA + "/config.json": `{}`,
	}
	want := kernel.Container{
		ID: idA, Runtime: "docker", Name: "brave", Image: "box:1", ImageID: "sha256:11", Labels: map[string]string{"team": "a"}, Privileged: new(true),
	}
	lookup(t, node(t, files), kernel.Container{ID: idA, Runtime: "docker"}, want)
	lookup(t, node(t, files), kernel.Container{ID: idA}, want)
	files[dir+"/config.v2.json"] = `{"Name": "/k8s_web_web-7c9_shop", "Config": {"Image": "web@sha256:0", "Labels": {"io.kubernetes.container.name": "web",
		"io.kubernetes.pod.name": "web-7c9", "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "` + podUID + `",
		"io.kubernetes.docker.type": "podsandbox", "io.kubernetes.sandbox.id": "` + idS + `"}}}`
	lookup(t, node(t, files), kernel.Container{ID: idA}, kernel.Container{
		ID: idA, Runtime: "docker", Name: "web", Image: "web@sha256:0", Pod: "web-7c9", Namespace: "shop", PodUID: podUID, Sandbox: true, SandboxID: idS, Privileged: new(true),
	})
}

func TestRunc(t *testing.T) {
	f := node(t, map[string]string{
		"/run/runc/c1/state.json":  `{"id": "c1", "config": {"labels": ["org=x", "bundle=/srv/c1"]}, "cgroup_paths": {"": "/sys/fs/cgroup/qlab/c1"}}`,
		"/srv/c1/config.json":      `{"process": {"capabilities": {"bounding": []}}, "linux": {}}`,
		"/run/crun/c2/status":      `{"pid": 1, "bundle": "/srv/c2", "rootfs": "rootfs"}`,
		"/srv/c2/config.json":      `{"annotations": {"io.kubernetes.container.name": "named"}}`,
		"/run/runc/c3/state.json":  `{}`,
		"/run/runc/c4/state.json":  `{"config": {"labels": ["bundle=srv/c1"]}}`,
		"/run/runc/c.5/state.json": `{"config": {"labels": ["bundle=/../../srv/c1"]}}`, // below the root still
	})
	lookup(t, f, kernel.Container{ID: "c1"}, kernel.Container{ID: "c1", Runtime: "runc", Name: "c1", Privileged: new(false)})
	lookup(t, f, kernel.Container{ID: "c2"}, kernel.Container{ID: "c2", Runtime: "crun", Name: "named"})
	lookup(t, f, kernel.Container{ID: "c3"}, kernel.Container{ID: "c3", Runtime: "runc", Name: "c3"})
	lookup(t, f, kernel.Container{ID: "c4"}, kernel.Container{ID: "c4", Runtime: "runc", Name: "c4"})
	lookup(t, f, kernel.Container{ID: "c.5"}, kernel.Container{ID: "c.5", Runtime: "runc", Name: "c.5", Privileged: new(false)})
}

func TestLookupFindsNothing(t *testing.T) {
	f := node(t, map[string]string{task + "k8s.io/other/config.json": "{}"})
	for _, id := range []string{idA, "x"} {
		c := kernel.Container{ID: id, Name: "kept"}
		if found, err := f.Lookup(&c, 0); found || err != nil || c.Name != "kept" {
			t.Errorf("%s: %t %v %+v", id, found, err, c)
		}
	}
}

func TestLookupRefusesIDsThatAreNone(t *testing.T) {
	f := node(t, map[string]string{task + "k8s.io/config.json": "{}", task + "config.json": "{}"})
	for _, id := range []string{"", ".", "..", "../k8s.io", "a/b", "a\x00b", "-x", strings.Repeat("a", 300), "/etc"} {
		if found, err := f.Lookup(&kernel.Container{ID: id}, 0); found || err == nil {
			t.Errorf("%q: found %t, %v", id, found, err)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	path := task + "k8s.io/" + idA + "/config.json"
	outside := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(outside, []byte(criContainer), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"huge":           `{"annotations": {"a": "` + strings.Repeat("x", maxFile) + `"}}`,
		"torn":           criContainer[:200],
		"wrong type":     `{"annotations": "x"}`,
		"list":           `[]`,
		"nested":         strings.Repeat(`{"annotations":`, 50_000),
		"empty":          ``,
		"link outside":   "-> " + outside,
		"link upwards":   "-> " + strings.Repeat("../", 30) + outside,
		"link to itself": "-> config.json",
	} {
		c := kernel.Container{ID: idA}
		if found, err := node(t, map[string]string{path: content}).Lookup(&c, 0); found {
			t.Errorf("%s: found, %v", name, err)
		}
		if diff := cmp.Diff(kernel.Container{ID: idA}, c); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	path := task + "k8s.io/" + idA + "/config.json"
	f := node(t, map[string]string{path + "/x": ""}) // a folder
	if found, err := f.Lookup(&kernel.Container{ID: idA}, 0); found || !errors.Is(err, errNoFile) {
		t.Errorf("folder: found %t, %v", found, err)
	}
	f = node(t, map[string]string{filepath.Dir(path) + "/x": ""})
	if err := syscall.Mkfifo(filepath.Join(f.node.root.Name(), path), 0o644); err != nil {
		t.Fatal(err)
	}
	if found, err := f.Lookup(&kernel.Container{ID: idA}, 0); found || !errors.Is(err, errNoFile) {
		t.Errorf("pipe: found %t, %v", found, err)
	}
}

func TestLinksStayBelowTheRoot(t *testing.T) {
	f := node(t, map[string]string{
		"/var/run": "-> /run",
		"/run/containerd/io.containerd.runtime.v2.task": "-> /var/run/tasks",
		"/run/tasks/k8s.io/" + idA + "/config.json":     criContainer,
	})
	if found, err := f.Lookup(&kernel.Container{ID: idA}, 0); !found || err != nil {
		t.Errorf("found %t, %v", found, err)
	}
}

func TestHostileTexts(t *testing.T) {
	f := node(t, map[string]string{
		task + "k8s.io/x/config.json": `{"annotations": {"io.kubernetes.cri.container-name": "a\u001b[2Jb", "io.kubernetes.cri.sandbox-name": "a b",
			"io.kubernetes.cri.sandbox-namespace": "` + strings.Repeat("n", 254) + `", "io.kubernetes.cri.sandbox-uid": "../../x",
			"io.kubernetes.cri.image-name": "` + strings.Repeat("ü", 400) + `"}}`,
	})
	lookup(t, f, kernel.Container{ID: "x"}, kernel.Container{ID: "x", Runtime: "containerd", Image: strings.Repeat("ü", maxText/2)})
}

func TestLabelsAreBounded(t *testing.T) {
	all := map[string]string{"long": strings.Repeat("x", 1000), strings.Repeat("k", maxLabelKey+1): "x", "bad\xff": "x", "utf": "\xff"}
	got := labels(all)
	want := map[string]string{"long": strings.Repeat("x", maxText), "utf": "\uFFFD"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range 3 * maxLabels {
		all["l"+strings.Repeat("a", i)] = "x"
	}
	if n := len(labels(all)); n != maxLabels {
		t.Errorf("%d labels", n)
	}
}

func TestFolders(t *testing.T) {
	f := node(t, map[string]string{"/run/containerd/x": "", "/var/lib/docker": "not a folder"})
	got := map[string]string{}
	for _, d := range f.Folders() {
		switch {
		case d.Err == nil:
			got[d.Path] = d.Runtime
		case errors.Is(d.Err, fs.ErrNotExist):
		default:
			got[d.Path] = "?"
		}
	}
	if diff := cmp.Diff(map[string]string{"/run/containerd": "containerd", "/var/lib/docker": "?"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrivileged(t *testing.T) {
	const allDevices = `"resources": {"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "access": "rwm"}]}`
	for _, tt := range []struct{ caps, linux, want string }{
		{`["CAP_SYS_ADMIN", "CAP_BPF"]`, `{` + allDevices + `}`, "true"},
		{`["CAP_SYS_ADMIN"]`, `{"maskedPaths": ["/proc/kcore"], ` + allDevices + `}`, "unknown"},
		{`["CAP_SYS_ADMIN"]`, `{"maskedPaths": ["/proc/kcore"]}`, "false"},
		{`["CAP_SYS_ADMIN"]`, `{}`, "unknown"},
		{`["CAP_SYS_ADMIN"]`, `{"resources": {"devices": [{"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rwm"}]}}`, "unknown"},
		{`[]`, `{` + allDevices + `}`, "false"},
		{`null`, `null`, "unknown"},
	} {
		f := node(t, map[string]string{task + "k8s.io/x/config.json": `{"process": {"capabilities": {"bounding": ` + tt.caps + `}}, "linux": ` + tt.linux + `}`})
		c := kernel.Container{ID: "x"}
		if found, err := f.Lookup(&c, 0); !found || err != nil {
			t.Fatal(found, err)
		}
		got := "unknown"
		if c.Privileged != nil {
			got = map[bool]string{true: "true", false: "false"}[*c.Privileged]
		}
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.caps, tt.linux, got, tt.want)
		}
	}
}
