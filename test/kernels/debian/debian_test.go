package debian

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMirrorInALine(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := mirrorIn(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	f("URIs: http://mirror.example/debian/", "http://mirror.example")
	f("URIs: https://mirror.example/pub/debian", "https://mirror.example/pub")
	f("URIs: http://mirror.example/debian-security", "")
	f("deb [arch=amd64] http://mirror.example/debian bookworm main", "http://mirror.example")
	f("# deb http://mirror.example/debian bookworm main", "")
	f("Suites: bookworm", "")
	f("", "")
}

func TestMirrorOfAMachine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "debian.sources")
	f := func(want string) {
		t.Helper()
		if got, err := Mirror("/there/is/no/such/file", name); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	f("http://deb.debian.org")
	text := "Types: deb\n# URIs: http://old.example/debian\nURIs: http://mirror.example/debian\nSuites: bookworm\n"
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f("http://mirror.example")
}

func TestDependsOfAKernel(t *testing.T) {
	out := `linux-image-cloud-arm64:arm64
  Depends: linux-base-cloud-arm64:arm64
  PreDepends: dpkg
 |Depends: initramfs-tools:arm64
  Depends: <linux-initramfs-tool:arm64>
    dracut:arm64
  Depends: linux-image-7.2.12+deb13-cloud-arm64:arm64
  Depends: linux-base-cloud-arm64:arm64
`
	want := []string{"linux-base-cloud-arm64", "initramfs-tools", "linux-image-7.2.12+deb13-cloud-arm64"}
	if diff := cmp.Diff(want, depends(out)); diff != "" {
		t.Error(diff)
	}
}

func TestSourceLineOfARelease(t *testing.T) {
	f := func(suite, want string) {
		t.Helper()
		if diff := cmp.Diff(want, sourceLine("http://mirror.example", Release{Suite: suite, Arch: "arm64"})); diff != "" {
			t.Error(diff)
		}
	}
	f("bookworm", "deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm main\n")
	f("bullseye-security", "deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian-security bullseye-security main\n")
}
