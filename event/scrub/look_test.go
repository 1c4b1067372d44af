package scrub

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Where a look finds nothing, a search finds nothing either.
func FuzzLook(f *testing.F) {
	for _, s := range []string{
		"/exec?command=sh&command=--password&command=x", "/run?cmd=curl+-u+a:b+h", "/p?token=x&%zz=%zz", "/a?b=%2d%2Dtoken%1fx", "/?command=mysql&command=-px",
		"/x?command=%zz&command=--token&command=y", "/token?=x&=", "/a?x=sha256:&y=0123456789abcdef0123456789abcdeF",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if path, query, ok := strings.Cut(s, "?"); ok && !uriMayHold(path, query) {
			if got := searchURI(path, query); got != s {
				t.Errorf("%q becomes %q, and was passed over", s, got)
			}
		}
		argv := strings.Split(s, "&")
		if got := searchArgv(argv); !argvMayHold(argv) && !slices.Equal(got, argv) {
			t.Errorf("%q becomes %q, and was passed over", argv, got)
		}
		want, err := url.QueryUnescape(s)
		if got, ok := appendUnescaped(nil, s); ok != (err == nil) || ok && string(got) != want {
			t.Errorf("%q reads %q %v, want %q %v", s, got, ok, want, err)
		}
	})
}

func TestLookDoesNotAllocate(t *testing.T) {
	const uri = "/api/v1/namespaces/dev/pods/priv/exec?command=sh&command=-c&command=id%3B+tty&container=main&stdin=true&stdout=true"
	argv := []string{"sh", "-c", "id; tty"}
	if n := testing.AllocsPerRun(10, func() { URI(uri); Argv(argv) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
