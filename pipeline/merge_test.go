package pipeline

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

func TestMergeIsBounded(t *testing.T) {
	g := newMerge(time.Minute, 1<<20)
	given := 0
	last := int64(math.MinInt64)
	emit := func(m *event.Match, _ bool) {
		given++
		last = m.Details.TimeNs
	}
	for i := range int64(10_000) {
		g.add(event.Match{Details: &event.Details{TimeNs: i, UserAgent: strings.Repeat("A", 10_000)}})
		g.advance(0, emit)
		if g.bytes > g.maxBytes {
			t.Fatalf("%d bytes wait", g.bytes)
		}
	}
	if given < 9_000 || last != int64(given-1) {
		t.Errorf("%d given out, the last of time %d", given, last)
	}
	late := false
	g.add(event.Match{Details: &event.Details{TimeNs: 1}})
	g.flush(func(m *event.Match, l bool) {
		given++
		late = late || l && m.Details.TimeNs == 1
	})
	if given != 10_001 || !late || g.bytes != 0 {
		t.Errorf("%d given out, late %v, %d bytes left", given, late, g.bytes)
	}
}

func TestTidyKeepsWaitingMatchesSmall(t *testing.T) {
	long := strings.Repeat("A", 1<<20)
	m := &event.Match{Output: long, Message: long, Details: &event.Details{
		User: long, UserAgent: long, Command: []string{long, long}, Audit: &event.Audit{RequestURI: long, SourceIPs: []string{long}},
	}}
	tidy(m)
	if n := sizeOf(m); n > 100_000 {
		t.Errorf("%d bytes", n)
	}
	if len(m.Details.User) != event.MaxTextBytes || !strings.HasSuffix(m.Details.User, "... [1048576 bytes]") {
		t.Error("no mark")
	}
}

// Every text of Details that an event chooses is clipped and counted.
func TestTidyMissesNothing(t *testing.T) {
	ours := []string{"EventID", "RequestID", "Outcome", "Change", "ActorClass", "TTY"} // made by the decoder, short
	d := &event.Details{Audit: &event.Audit{}, Falco: &event.Falco{}}
	seen := map[any]bool{}
	eachText(d, func(s *string) { seen[s] = true })
	eachList(d, func(l *[]string) { seen[l] = true })
	for _, v := range []reflect.Value{reflect.ValueOf(d).Elem(), reflect.ValueOf(d.Audit).Elem(), reflect.ValueOf(d.Falco).Elem()} {
		for i := range v.NumField() {
			name, ptr := v.Type().Field(i).Name, v.Field(i).Addr().Interface()
			switch ptr.(type) {
			case *string, *[]string:
				if seen[ptr] == slices.Contains(ours, name) {
					t.Errorf("%s: clipped %v", name, seen[ptr])
				}
			}
		}
	}
}

func TestTidyBlanksOutCredentials(t *testing.T) {
	m := &event.Match{Output: "alice ran curl --password=hunter2", Message: "token: hunter2", Details: &event.Details{}}
	tidy(m)
	if strings.Contains(m.Output+m.Message, "hunter2") || !strings.Contains(m.Output, "alice ran curl --password=") {
		t.Errorf("%q, %q", m.Output, m.Message)
	}
}
