//go:build linux

package act

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Name is what the program's name begins with, by which a test binary knows that it is to be this program.
const Name = "act"

// Separator stands between two verbs.
const Separator = "--"

// verb does one thing. The error is that of a system call, or one about the arguments.
type verb func(args []string) error

// verbs returns all verbs by name.
func verbs() map[string]verb {
	out := map[string]verb{}
	for _, group := range []map[string]verb{idVerbs(), mountVerbs(), spaceVerbs(), startVerbs()} {
		for name, v := range group {
			out[name] = v
		}
	}
	return out
}

// Main runs the verbs of a command line, without the program's name, and returns the exit status: 0, the number of the error with which
// the first verb failed, or 125 where that has none. A verb behind "try" may fail: what it ended with is printed, and the next
// one runs.
func Main(args []string, out io.Writer) int {
	runtime.LockOSThread()
	table := verbs()
	for step := range split(args) {
		try := len(step) > 0 && step[0] == "try"
		if try {
			step = step[1:]
		}
		err := do(table, step)
		if err == nil {
			continue
		}
		fmt.Fprintf(out, "%s: %v\n", step[0], err)
		if !try {
			return status(err)
		}
	}
	return 0
}

func do(table map[string]verb, step []string) error {
	if len(step) == 0 {
		return errors.New("no verb")
	}
	v, ok := table[step[0]]
	if !ok {
		return errors.New("no such verb")
	}
	return v(step[1:])
}

func status(err error) int {
	var no unix.Errno
	if errors.As(err, &no) {
		return int(no)
	}
	return 125
}

// split cuts a command line at its separators. What follows a verb that takes the rest of the line is not cut.
func split(args []string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(args) > 0 {
			end := slices.Index(args, Separator)
			if takesRest(args[0]) || end < 0 {
				yield(args)
				return
			}
			if !yield(args[:end]) {
				return
			}
			args = args[end+1:]
		}
	}
}

// takesRest says whether a verb takes the rest of the line: those that start a program, whose arguments may hold separators.
func takesRest(name string) bool {
	return slices.Contains([]string{"exec", "execat", "memfd", "deleted", "deep", "nest"}, name)
}

// number reads an argument: a number.
func number(arg string) (uintptr, error) {
	n, err := strconv.ParseInt(arg, 0, 64)
	return uintptr(n), err
}

func numbers(args []string) ([]uintptr, error) {
	out := make([]uintptr, len(args))
	for i, a := range args {
		var err error
		if out[i], err = number(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// want returns an error unless there are n arguments.
func want(args []string, n int) error {
	if len(args) != n {
		return fmt.Errorf("got %d arguments, want %d", len(args), n)
	}
	return nil
}

// atLeast is v with a check that there are n arguments or more.
func atLeast(n int, v verb) verb {
	return func(args []string) error {
		if len(args) < n {
			return fmt.Errorf("got %d arguments, want %d or more", len(args), n)
		}
		return v(args)
	}
}

// call makes a system call on this thread alone.
func call(trap uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, no := unix.RawSyscall6(trap, a[0], a[1], a[2], a[3], a[4], a[5]); no != 0 {
		return no
	}
	return nil
}
