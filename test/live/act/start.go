//go:build linux

package act

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// startVerbs start programs.
func startVerbs() map[string]verb {
	return map[string]verb{
		"exec":    atLeast(1, func(args []string) error { return start(args[0], args) }),
		"execat":  atLeast(1, execAt),
		"run":     atLeast(1, run),
		"nest":    atLeast(1, nest),
		"many":    atLeast(2, many),
		"memfd":   atLeast(1, memfd),
		"deleted": atLeast(1, deleted),
		"deep":    atLeast(2, deep),
		"argv":    atLeast(2, argv),
		"bytes":   atLeast(1, bytesVerb),
		"copy":    copyVerb,
		"cd":      cd,
		"say":     say,
		"wait": func([]string) error {
			return unix.Pause()
		},
		"setsid": func([]string) error {
			_, err := unix.Setsid()
			return err
		},
	}
}

// start starts a program in place of this one.
func start(path string, args []string) error { return unix.Exec(path, args, os.Environ()) }

// execAt starts a program in place of this one, by execveat(2): "execat /bin/true".
func execAt(args []string) error {
	path, err := unix.BytePtrFromString(args[0])
	if err != nil {
		return err
	}
	argv := make([]*byte, len(args)+1)
	for i, a := range args {
		if argv[i], err = unix.BytePtrFromString(a); err != nil {
			return err
		}
	}
	at := unix.AT_FDCWD
	return call(unix.SYS_EXECVEAT, uintptr(at), uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&argv[0])), 0, 0)
}

// run starts a program and waits for its end: "run /bin/true".
func run(args []string) error { return wait(exec.Command(args[0], args[1:]...)) }

// nest starts this program again below this one, with other verbs, and waits: "nest setuid 5 -- exec /bin/true".
func nest(args []string) error {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Args[0] = os.Args[0]
	return wait(cmd)
}

func wait(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return unix.Errno(exit.ExitCode())
	}
	return err
}

// many starts a program so many times, one after the other: "many 100 /bin/true".
func many(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	for range n {
		if err := run(args[1:]); err != nil {
			return err
		}
	}
	return nil
}

// memfd starts a copy of a program that is in memory only: "memfd /bin/busybox true".
func memfd(args []string) error {
	code, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	fd, err := unix.MemfdCreate("payload", 0)
	if err != nil {
		return err
	}
	if _, err := unix.Write(fd, code); err != nil {
		return err
	}
	return execFD(fd, args)
}

// deleted starts a program whose file has been removed: "deleted /tmp/copy true".
func deleted(args []string) error {
	fd, err := unix.Open(args[0], unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	if err := os.Remove(args[0]); err != nil {
		return err
	}
	return execFD(fd, args)
}

// execFD starts what a file descriptor is open for.
func execFD(fd int, args []string) error { return start("/proc/self/fd/"+strconv.Itoa(fd), args) }

// deep starts a program below so many levels of this one, each the child of the one before: "deep 50 /bin/true".
func deep(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if n == 0 {
		return start(args[1], args[1:])
	}
	return nest(append([]string{"deep", strconv.Itoa(n - 1)}, args[1:]...))
}

// argv starts a program with one more argument, of so many bytes: "argv 131000 /bin/true".
func argv(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return start(args[1], append(args[1:], strings.Repeat("x", n)))
}

// bytesVerb starts a program with arguments as Go quotes them: `bytes /bin/true \xff\xfe`.
func bytesVerb(args []string) error {
	for i, a := range args {
		raw, err := strconv.Unquote(`"` + a + `"`)
		if err != nil {
			return err
		}
		args[i] = raw
	}
	return start(args[0], args)
}

// copyVerb copies a program: "copy /bin/busybox /tmp/tool".
func copyVerb(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	from, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(args[1], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// say prints a line: "say ready".
func say(args []string) error {
	_, err := fmt.Println(strings.Join(args, " "))
	return err
}

// cd goes into a folder, which it makes: "cd /a/b/c".
func cd(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	for part := range strings.SplitSeq(args[0], "/") {
		if part == "" {
			part = "/"
		}
		if err := os.Mkdir(part, 0o755); err != nil && !os.IsExist(err) {
			return err
		}
		if err := unix.Chdir(part); err != nil {
			return err
		}
	}
	return nil
}
