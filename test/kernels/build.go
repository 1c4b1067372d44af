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
	testPath     = "/live.test"
)

// build builds the programs that a machine of this architecture runs into dir, and returns them by their place in the machine.
func build(ctx context.Context, dir, arch string) (map[string]string, error) {
	const module = "github.com/parallax-sec/parallax/"
	programs := map[string][]string{
		initPath:     {"build", "-trimpath", module + "test/kernels/guest"},
		parallaxPath: {"build", "-trimpath", "-ldflags", "-s -w", module + "cmd/parallax"},
		testPath:     {"test", "-c", "-trimpath", "-ldflags", "-s -w", "-tags", "live", module + "test/live"},
	}
	files := make(map[string]string, len(programs))
	for place, args := range programs {
		file := filepath.Join(dir, filepath.Base(place)+"-"+arch)
		last := len(args) - 1
		args = append(append(args[:last:last], "-o", file), args[last])
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
		files[place] = file
	}
	return files, nil
}
