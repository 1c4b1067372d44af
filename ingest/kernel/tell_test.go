package kernel_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
)

// tell decodes a text and returns the facts that were told, and the decoder.
func tell(t *testing.T, text string) ([]event.Fact, *kernel.Decoder) {
	t.Helper()
	batches, err := kerneltest.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var facts []event.Fact
	d := kernel.NewDecoder()
	d.Tell(func(f event.Fact) { facts = append(facts, f) })
	for _, b := range batches {
		d.Decode(&b, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
	}
	return facts, d
}

func TestTell(t *testing.T) {
	facts, d := tell(t, `{"start":{"node":"n","time":"2026-11-20T10:00:00Z"}}
{"container":{"name":"web","pod":"web-1","namespace":"shop","pod_uid":"p-1","image":"nginx:1.27","id":"c1"}}
{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx"}}
{"exec":{"pid":200,"container":"web","exe":"/bin/sh","argv":["sh","--token=hunter2hunter2"],"tty":"pts/0","time":"2026-11-20T10:00:05Z"}}
{"exec":{"pid":201,"parent":200,"exe":"/usr/bin/id"}}
{"exec":{"pid":300,"container":"web","exe":"/bin/probe"}}
{"exec":{"pid":400,"container":"web","exe":"/bin/ps","entry":"nsenter"}}
{"exit":{"pid":201}}
{"exit":{"pid":300}}
{"exit":{"pid":200,"status":3,"time":"2026-11-20T10:00:09Z"}}
{"cgroup_rmdir":{"pid":1,"of":"web"}}
`)
	var got []string
	for _, f := range facts {
		kind, id, _ := strings.Cut(f.Key, "/")
		if f.Kind == event.FactSession {
			id = fmt.Sprint(len(id))
		}
		var s event.SessionState
		_ = json.Unmarshal(f.Data, &s)
		got = append(got, fmt.Sprintf("%s %s %s %s %s %d %d %d", f.Kind, kind, id, s.Entry, strings.Join(s.Args, " "), s.PID, s.ExitCode, (s.EndNs-s.StartNs)/1e9*min(1, s.EndNs)))
	}
	want := []string{
		"container n c1   0 0 0",
		"session n 26 exec sh --token=*** 200 0 0",
		"session n 26 nsenter /bin/ps 400 0 0",
		"session n 26 exec sh --token=*** 200 3 4",
		"container n c1   0 0 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if facts[1].Key != facts[3].Key || facts[1].Key == facts[2].Key || len(facts[4].Data) != 0 {
		t.Errorf("%+v", facts)
	}
	const web = `{"id":"c1","runtime":"containerd","name":"web","image":"nginx:1.27","namespace":"shop","pod":"web-1","pod_uid":"p-1"}`
	if string(facts[0].Data) != web {
		t.Errorf("%s", facts[0].Data)
	}
	if d.ReadToNs() != facts[3].TimeNs {
		t.Errorf("read to %d", d.ReadToNs())
	}
}

// What the table remembers of a session is not changed by telling it.
func TestTellKeepsTheArguments(t *testing.T) {
	long := strings.Repeat("x", 3000)
	facts, _ := tell(t, fmt.Sprintf(`{"start":{"node":"n"}}
{"container":{"name":"web","id":"c1"}}
{"exec":{"pid":100,"container":"web","exe":"/app"}}
{"exec":{"pid":200,"container":"web","exe":"/bin/sh","argv":["sh",%q,"1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16"],"tty":"pts/0"}}
{"exit":{"pid":200}}
`, long))
	if len(facts) != 3 {
		t.Fatalf("%v", facts)
	}
	var begin, end event.SessionState
	for i, s := range []*event.SessionState{&begin, &end} {
		if err := json.Unmarshal(facts[1+i].Data, s); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(begin.Args, end.Args); diff != "" || len(begin.Args) != 16 || len(begin.Args[1]) != 256 || !strings.HasSuffix(begin.Args[1], "[3000 bytes]") {
		t.Errorf("%q %s", begin.Args, diff)
	}
}
