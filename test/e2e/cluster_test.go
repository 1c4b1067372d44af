//go:build e2e

package e2e

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// cluster is a real cluster of one node, which is this machine.
type cluster struct {
	kubeconfig, node string
}

// theCluster is the one of the environment.
func theCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{kubeconfig: setting(t, "KUBECONFIG")}
	c.node = c.kubectl(t, "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")
	return c
}

// setting is a variable of the environment that must be there.
func setting(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: see doc.go", name)
	}
	return v
}

// kubectl runs kubectl, and gives what it writes to standard output, without blanks around it.
func (c *cluster) kubectl(t testing.TB, args ...string) string {
	t.Helper()
	out, err := c.try(args...)
	if err != nil {
		t.Fatalf("kubectl %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// try is kubectl that may fail; the error holds what it said.
func (c *cluster) try(args ...string) (string, error) {
	return output(exec.Command(cmp.Or(os.Getenv("KUBECTL"), "kubectl"), args...))
}

// shell runs a shell command with its arguments.
func shell(t testing.TB, command string, args ...string) {
	t.Helper()
	if _, err := output(exec.Command("sh", append([]string{"-c", command, "sh"}, args...)...)); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
}

func output(cmd *exec.Cmd) (string, error) {
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = &failure{err, strings.TrimSpace(errs.String() + string(out))}
	}
	return strings.TrimSpace(string(out)), err
}

// failure is a command that failed, and what it said.
type failure struct {
	err  error
	said string
}

func (f *failure) Error() string { return f.err.Error() + ": " + f.said }

// eventually tries until it works.
func eventually(t testing.TB, within time.Duration, what string, try func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !try(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}
