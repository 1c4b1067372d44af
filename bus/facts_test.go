package bus

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// facts returns the facts of a kind, as KEY SEQ DATA.
func facts(t *testing.T, b *Bus, kind string) (out []string) {
	t.Helper()
	if err := b.Facts(t.Context(), kind, func(f event.Fact) { out = append(out, fmt.Sprintf("%s %d %s", f.Key, f.Seq, f.Data)) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func putFacts(t *testing.T, b *Bus, facts ...event.Fact) {
	t.Helper()
	if err := b.PutFacts(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
}

func TestLastFactCounts(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	fact := func(key string, seq uint64, data string) event.Fact {
		return event.Fact{Kind: event.FactContainer, Key: key, Seq: seq, Data: []byte(data)}
	}
	long := "n1.example.com/" + strings.Repeat("ü", 200)
	putFacts(t, b, event.Fact{Kind: event.FactNode, Key: "n1", Seq: 1, Data: []byte("{}")})
	putFacts(t, b, fact("n1/a", 5, "one"), fact("n1/b", 5, "first"), fact("n1/b", 5, "last"), fact(long, 5, "x"), fact("", 5, "none"))
	putFacts(t, b, fact("n1/a", 4, "older"), fact("n1/b", 6, "newer"), fact(long, 5, "again"))
	want := []string{"n1/a 5 one", long + " 5 x", " 5 none", "n1/b 6 newer"}
	if diff := cmp.Diff(want, facts(t, b, event.FactContainer)); diff != "" {
		t.Error(diff)
	}
	closeTest(t, b)
	b = openTest(t, cfg)
	if got := facts(t, b, ""); len(got) != 5 {
		t.Errorf("%q", got)
	}
	if got := facts(t, b, event.FactSession); got != nil {
		t.Errorf("%q", got)
	}
}

// Two hubs that write the same facts, one of them an old one that does not know it yet: the newest is what stays.
func TestFactsOfTwoWriters(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	done := make(chan error)
	for w := range 2 {
		go func() {
			var err error
			for i := range uint64(50) {
				var facts []event.Fact
				for k := range 10 {
					facts = append(facts, event.Fact{Kind: event.FactNode, Key: fmt.Sprint(k), Seq: 1 + 2*i + uint64(w), Data: []byte("{}")})
				}
				if err == nil {
					err = b.PutFacts(t.Context(), facts)
				}
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for _, f := range facts(t, b, event.FactNode) {
		if !strings.Contains(f, " 100 ") {
			t.Errorf("%q", f)
		}
	}
}

func TestFactThatIsTooLargeIsQuarantined(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	putFacts(t, b, event.Fact{Kind: event.FactNode, Key: "n1", Seq: 1, Data: noise(9 << 20)}, event.Fact{Kind: event.FactNode, Key: "n2", Seq: 1, Data: []byte("{}")})
	if diff := cmp.Diff([]string{"n2 1 {}"}, facts(t, b, event.FactNode)); diff != "" {
		t.Error(diff)
	}
	if s := streamOf(t, b, streamQuarantine); s.Messages != 1 {
		t.Errorf("%+v", s)
	}
}

func streamOf(t *testing.T, b *Bus, name string) StreamStatus {
	t.Helper()
	s, err := b.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, stream := range s.Streams {
		if stream.Name == name {
			return stream
		}
	}
	t.Fatal("no stream " + name)
	return StreamStatus{}
}

// A fact that holds no more is not told any more, and removed when the batch that said so is never read again.
func TestFactsThatHoldNoMore(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	fact := func(key string, seq uint64, data string) event.Fact {
		return event.Fact{Kind: event.FactSession, Key: key, Seq: seq, Data: []byte(data)}
	}
	stored := func(want uint64) {
		t.Helper()
		if s := streamOf(t, b, streamFacts); s.Messages != want {
			t.Errorf("%d facts are stored, want %d", s.Messages, want)
		}
	}
	putFacts(t, b, fact("a", 1, "1"), fact("b", 1, "1"), fact("c", 1, "1"))
	putFacts(t, b, fact("a", 5, ""), fact("b", 9, ""))
	putFacts(t, b, fact("a", 1, "1")) // read again
	if diff := cmp.Diff([]string{"c 1 1"}, facts(t, b, "")); diff != "" {
		t.Error(diff)
	}
	trim(t, b, TrimConfig{RebuildFrom: 5})
	stored(3)
	trim(t, b, TrimConfig{RebuildFrom: 6})
	stored(2)
	closeTest(t, b)
	b = openTest(t, cfg)
	if diff := cmp.Diff([]string{"c 1 1"}, facts(t, b, "")); diff != "" {
		t.Error(diff)
	}
	putFacts(t, b, fact("c", 11, ""), fact("c", 12, "back"))
	trim(t, b, TrimConfig{RebuildFrom: 20})
	stored(1)
	if diff := cmp.Diff([]string{"c 12 back"}, facts(t, b, "")); diff != "" {
		t.Error(diff)
	}
}
