package kerneltest

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// docs/KERNEL_EVENTS.md names every key and everything that can happen.
func TestDocsAreComplete(t *testing.T) {
	data, err := os.ReadFile("../../../docs/KERNEL_EVENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := []any{
		startLine{},
		containerLine{},
		usersLine{},
		lostLine{},
		beatLine{},
		processLine{},
		execLine{},
		forkLine{},
		exitLine{},
		mountLine{},
		credLine{},
		nsLine{},
		ptraceLine{},
		cgroupLine{},
	}
	want := []string{"exec", "fork", "exit", "ptrace", "container", "process", "users", "start", "lost", "beat"}
	for _, l := range lines {
		want = append(want, keysOf(reflect.TypeOf(l))...)
	}
	for _, ops := range []map[string]uint32{mountOps, credOps, nsOps, cgroupOps, origins} {
		for name := range ops {
			want = append(want, name)
		}
	}
	for _, name := range want {
		if !strings.Contains(string(data), "`"+name+"`") {
			t.Errorf("docs/KERNEL_EVENTS.md does not tell of %s", name)
		}
	}
}
