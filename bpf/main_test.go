package bpf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// childEnv makes the test program do something else than test.
const childEnv = "PARALLAX_TEST_CHILD"

func TestMain(m *testing.M) {
	var err error
	switch what := os.Getenv(childEnv); what {
	case "":
		os.Exit(m.Run())
	case "nothing":
	case "exec":
		err = execChild()
	case "exec-thread":
		err = execThreadChild()
	case "busy":
		err = busyChild()
	case "sensor":
		err = sensorChild()
	default:
		err = fmt.Errorf("unknown child %s", what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is the test program, doing what main makes of this word.
func child(what string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{childEnv + "=" + what}
	cmd.Stderr = os.Stderr
	return cmd
}

// runProcess runs a process that does nothing, and returns its id.
func runProcess(t testing.TB) uint32 {
	t.Helper()
	cmd := child("nothing")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return uint32(cmd.Process.Pid)
}

// execChild starts another program in its place when its standard input ends.
func execChild() error {
	var b [1]byte
	_, _ = os.Stdin.Read(b[:]) // EOF
	return syscall.Exec(os.Args[0], os.Args[:1], []string{childEnv + "=nothing"})
}

// execThreadChild is execChild by another thread than the first.
func execThreadChild() error {
	runtime.LockOSThread() // no other goroutine runs on this thread
	if syscall.Gettid() != syscall.Getpid() {
		return execChild()
	}
	failed := make(chan error)
	go func() { failed <- execChild() }()
	return <-failed
}

// busyChild starts programs until its standard input ends, and says when it has begun.
func busyChild() error {
	stop := make(chan struct{})
	go func() {
		var b [1]byte
		_, _ = os.Stdin.Read(b[:]) // EOF
		close(stop)
	}()
	for first := true; ; first = false {
		if err := child("nothing").Run(); err != nil {
			return err
		}
		if first {
			fmt.Println("busy")
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// sensorChild runs a sensor with the lock LOCK until it is killed, and tells the id of one of its maps.
func sensorChild() error {
	cfg := DefaultConfig()
	cfg.FailedExecs = true
	cfg.LockFile = os.Getenv("LOCK")
	s, err := Load(cfg)
	if err != nil {
		return err
	}
	id, err := s.mapID()
	if err != nil {
		return err
	}
	fmt.Println("loaded", id)
	for {
		if _, err := s.Read(context.Background(), never, func([]byte) {}); err != nil {
			return err
		}
	}
}
