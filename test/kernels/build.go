package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Where the programs stand in a machine.
const (
	initPath     = "/init"
	parallaxPath = "/parallax"
)

// testPath is where the tests of a package stand in a machine.
func testPath(pkg string) string { return "/" + strings.ReplaceAll(pkg, "/", "-") + ".test" }

// build builds the programs that a machine of this architecture runs into dir: the first one, the program under test, and the tests
// of packages. It returns them by their place in the machine.
func build(ctx context.Context, dir, arch string, packages []string) (map[string]string, error) {
	const module = "github.com/parallax-sec/parallax/"
	programs := map[string][]string{
		initPath:     {"build", "-trimpath", module + "test/kernels/guest"},
		parallaxPath: {"build", "-trimpath", "-ldflags", "-s -w", module + "cmd/parallax"},
	}
	for _, p := range packages {
		programs[testPath(p)] = []string{"test", "-c", "-trimpath", "-ldflags", "-s -w", "-tags", "live", module + p}
	}
	files := make(map[string]string, len(programs))
	for place, args := range programs {
		file := filepath.Join(dir, filepath.Base(place)+"-"+arch)
		if err := compile(ctx, file, arch, args); err != nil {
			return nil, err
		}
		files[place] = file
	}
	return files, nil
}

// compile runs the go command, whose last argument names the package, with file as its output.
func compile(ctx context.Context, file, arch string, args []string) error {
	last := len(args) - 1
	args = append(args[:last:last], "-o", file, args[last])
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
