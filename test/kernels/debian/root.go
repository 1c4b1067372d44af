package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// keyring is where the package debian-archive-keyring keeps the keys of all releases, older ones included.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// Release is a release's packages for one architecture.
type Release struct {
	Suite string // such as bookworm-security
	Arch  string // as dpkg names it: amd64, arm64
}

// Root is an apt that knows one release.
type Root struct {
	dir  string
	arch string
}

// Open makes a root in dir, which it may have to make, and reads the release's list of packages from mirror, the address that
// has the folders debian and debian-security.
func Open(ctx context.Context, dir, mirror string, release Release) (*Root, error) {
	r := &Root{dir: dir, arch: release.Arch}
	for _, d := range []string{"etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "etc/apt/sources.list.d", "var/lib/apt/lists/partial", "var/lib/dpkg", "var/cache/apt/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	files := map[string]string{
		"etc/apt/sources.list": sourceLine(mirror, release),
		"var/lib/dpkg/status":  "",
		"apt.conf":             config(dir, release.Arch),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	_, err := r.run(ctx, dir, "apt-get", "-qq", "update")
	return r, err
}

func sourceLine(mirror string, release Release) string {
	archive := "debian"
	if strings.HasSuffix(release.Suite, "-security") {
		archive = "debian-security"
	}
	return fmt.Sprintf("deb [arch=%s signed-by=%s] %s/%s %s main\n", release.Arch, keyring, mirror, archive, release.Suite)
}

func config(dir, arch string) string {
	return fmt.Sprintf(`Dir "%s";
Dir::State::status "%[1]s/var/lib/dpkg/status";
APT::Architecture "%s";
APT::Architectures { "%[2]s"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
`, dir, arch)
}

// Depends returns the names of the packages that pkg needs, as the release's list has them, alternatives included.
func (r *Root) Depends(ctx context.Context, pkg string) ([]string, error) {
	out, err := r.run(ctx, r.dir, "apt-cache", "depends", pkg)
	if err != nil {
		return nil, err
	}
	return depends(out), nil
}

// depends reads what "apt-cache depends" prints: lines such as "  Depends: linux-base", or "  Depends: <virtual>".
func depends(out string) []string {
	var names []string
	for line := range strings.Lines(out) {
		if _, name, ok := strings.Cut(line, "Depends: "); ok && !strings.Contains(line, "PreDepends") {
			name, _, _ = strings.Cut(strings.TrimSpace(name), ":")
			if !slices.Contains(names, name) && !strings.HasPrefix(name, "<") {
				names = append(names, name)
			}
		}
	}
	return names
}

// Unpack fetches these packages, and nothing that they need, and unpacks them into dst.
func (r *Root) Unpack(ctx context.Context, dst string, packages ...string) error {
	tmp, err := os.MkdirTemp(r.dir, "download")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if _, err := r.run(ctx, tmp, "apt-get", append([]string{"-qq", "download"}, packages...)...); err != nil {
		return err
	}
	return r.unpackAll(ctx, tmp, dst)
}

// UnpackAll fetches these packages with all that they need, and unpacks them into dst.
func (r *Root) UnpackAll(ctx context.Context, dst string, packages ...string) error {
	if _, err := r.run(ctx, r.dir, "apt-get", append([]string{"-qq", "--yes", "--download-only", "install"}, packages...)...); err != nil {
		return err
	}
	return r.unpackAll(ctx, filepath.Join(r.dir, "var/cache/apt/archives"), dst)
}

func (r *Root) unpackAll(ctx context.Context, from, dst string) error {
	packages, err := filepath.Glob(filepath.Join(from, "*.deb"))
	if err != nil {
		return err
	}
	if len(packages) == 0 {
		return errors.New("unpack packages: apt-get fetched none")
	}
	for _, p := range packages {
		if _, err := r.run(ctx, from, "dpkg", "-x", p, dst); err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "APT_CONFIG="+filepath.Join(r.dir, "apt.conf"), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(errors.String()))
	}
	return string(out), nil
}
