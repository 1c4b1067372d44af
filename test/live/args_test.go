//go:build live

package live

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
)

// testLongArgv: of more arguments than are kept, the beginning is told, and that there were more.
func testLongArgv(t *testing.T, s *station) {
	const n = 128<<10 - 1 // the most that the kernel takes for one argument, with its NUL (MAX_ARG_STRLEN)
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "argv", fmt.Sprint(n), "/bin/true", "first")
	d := v.want(t, map[string]string{
		"event.action": "exec", "process.args": "/bin/true first xxx*", "process.args_count": "3",
		"parallax.exe.truncated": "true",
	})
	if got := strings.Count(d.Text("process.args"), "x"); got < 3000 || got > 4096 {
		t.Errorf("%d bytes of the argument kept, want nearly 4096", got)
	}
}

// testBytesInArgv: arguments that are no UTF-8, and such as would confuse who reads them, are told so that they can be had back.
func testBytesInArgv(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "bytes", "/bin/true", `\xff\xfe`, `a\tb\u202e`, ``, `\xe4\xb8\xad`)
	v.want(t, map[string]string{
		"event.action": "exec", "process.args_count": "5", "process.args": `/bin/true \xff\xfe a\x09b\u202e  ` + "\u4e2d",
	})
}

// testDeepFolder: the folder in which a program starts is told whole, as deep as it is.
func testDeepFolder(t *testing.T, s *station) {
	folder := "/tmp" + strings.Repeat("/folder", 20)
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "cd", folder, "--", "exec", "/bin/true", "deep")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true deep", "process.working_directory": folder})
}
