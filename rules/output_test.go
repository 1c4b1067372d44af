package rules

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestOutput(t *testing.T) {
	var minus event.Value
	minus.SetInt(-7)
	e := &testEvent{
		values: map[string]any{
			"t.text": "/a/B", "t.number": uint64(1 << 63), "t.int": minus.Number(), "t.list": []string{"x", "y"}, "t.list[1]": []string{"y"},
			"t.key[a b]": "é", "t.raw[data/x]": "hunter2", "t.bytes": "a\x1b[31m\n\u202e\xff",
		},
		containers: []map[string]any{{"c.image": "one"}, {"c.image": "two"}},
	}
	f := func(output, want string) {
		t.Helper()
		more := "  skip-if-unknown-filter: false"
		set, found := load("a.yaml", strings.Replace(ruleText("R", "c.image exists", more), "output: o", "output: '"+output+"'", 1))
		if found.HasErrors() {
			t.Fatal(printed(found))
		}
		if got := string(new(formatter).append([]byte("> "), set.Rules()[0].Output, e, 1)); got != "> "+want {
			t.Errorf("%s\ngot  %s\nwant > %s", output, got, want)
		}
	}
	f("plain text", "plain text")
	f("%t.text", "/a/B")
	f("*user=%t.text, %t.number; (%t.text)", "user=/a/B, 9223372036854775808; (/a/B)")
	f("%t.int", "-7")
	f("%t.name %t.key[none]", "<NA> <NA>")
	f("%t.list %t.list[1] %t.list[5]", "(x,y) (y) <NA>")
	f(`%t.key["a b"].`, "é.")
	f("%t.text[1]", "/a/B[1]")
	f("%c.image of %t.text", "two of /a/B")
	f("%3t.text|%6t.text|%6t.key[\"a b\"]|", "/a/|/a/B  |é     |")
	f("%tolower(t.text) %basename(t.text) %len(t.list) %concat(t.text, \"-\", c.image)", "/a/b B 2 /a/B-two")
	f("%toupper(t.list)", "(X,Y)")
	f("%t.raw[data/x] %toupper(t.raw[data/x])", "*** ***")
	f("%t.bytes", `a\x1b[31m\x0a\u202e\xff`)
	f("a %container.info b", "a  b")
	f("%t.text.more%t.text_", "/a/B.more/a/B_")
}

func TestOutputIsBounded(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	e := &testEvent{values: map[string]any{"t.text": long, "t.list": []string{long, long}, "t.name": "n"}}
	output := strings.Repeat("%t.text ", 100) + "%t.list"
	set := mustLoad(t, "a.yaml", strings.Replace(ruleText("R", "t.text exists", ""), "output: o", "output: '"+output+"'", 1)+
		strings.Replace(ruleText("S", "t.text exists", ""), "output: o", "output: '%t.text'", 1)+
		strings.Replace(ruleText("T", "t.text exists", ""), "output: o", "output: '%t.list'", 1))
	for name, limit := range map[string]int{"R": event.MaxTextBytes, "S": event.MaxTextBytes, "T": maxListBytes + 4} {
		got := new(formatter).append(nil, set.Find(name).Output, e, 0)
		if len(got) > limit || len(got) < limit-100 {
			t.Errorf("%s: %d bytes, want about %d", name, len(got), limit)
		}
	}
}

func TestOutputIsCutBetweenEscapes(t *testing.T) {
	for shift := range 4 {
		e := &testEvent{values: map[string]any{"t.text": strings.Repeat("\x1b", 2000)}}
		set := mustLoad(t, "a.yaml", strings.Replace(ruleText("R", "t.text exists", ""), "output: o", "output: '"+strings.Repeat("x", shift+1)+"%t.text'", 1))
		got := string(new(formatter).append(nil, set.Find("R").Output, e, 0))
		kept, cut := strings.CutSuffix(got, "...")
		if !cut || len(got) > event.MaxTextBytes || strings.ReplaceAll(kept, `\x1b`, "") != strings.Repeat("x", shift+1) {
			t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-20:])
		}
	}
}
