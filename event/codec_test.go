package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filler sets every field of a value to something of its own, whatever fields it has.
type filler struct {
	t *testing.T
	n int
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d \xff\x00", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(-f.n))
	case reflect.Uint64:
		v.SetUint(math.MaxUint64 - uint64(f.n))
	case reflect.Uint8:
		v.SetUint(uint64(f.n % NumSources))
		if v.Type() != reflect.TypeFor[Source]() {
			v.SetUint(uint64(f.n % 256))
		}
	default:
		f.t.Fatalf("the test fills no %s, and the codec has to code it", v.Type())
	}
}

// filled returns a T of which no field is zero. from keeps what two of them hold apart.
func filled[T any](t *testing.T, from int) *T {
	v := new(T)
	(&filler{t, from}).fill(reflect.ValueOf(v).Elem())
	return v
}

// A field that the codec forgets comes back as zero here.
func TestCodecKeepsEveryField(t *testing.T) {
	a := filled[Alert](t, 1)
	got, err := ParseAlert(AppendAlert(nil, a))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, got); diff != "" {
		t.Error(diff)
	}

	m, h, f := filled[Match](t, 1000), filled[Head](t, 2000), filled[Fact](t, 3000)
	head, matches, facts, err := ParseMatches(AppendMatches(nil, *h, []Match{*m}, []Fact{*f}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*h, head) + cmp.Diff([]Match{*m}, matches) + cmp.Diff([]Fact{*f}, facts); diff != "" {
		t.Error(diff)
	}
}

func TestCodecSharesRulesAndDetails(t *testing.T) {
	rule, details := &Rule{ID: "R60"}, &Details{EventID: "e", Kernel: &Kernel{Node: "n"}}
	in := []Match{{Rule: rule, Details: details}, {Details: details}, {Rule: &Rule{Name: "other"}, Details: details, Severity: 73}, {Rule: rule, Details: &Details{EventID: "f"}}}
	b := AppendMatches([]byte("before"), Head{}, in, nil)
	if strings.Count(string(b), "R60") != 1 || string(b[:6]) != "before" {
		t.Errorf("%q", b)
	}
	_, got, facts, err := ParseMatches(b[6:])
	if diff := cmp.Diff(in, got); diff != "" || err != nil || facts != nil {
		t.Fatal(err, diff)
	}
	if got[0].Rule != got[3].Rule || got[0].Details != got[2].Details || got[0].Details == got[3].Details || got[1].Rule != nil {
		t.Error("what was shared is not, or the other way round")
	}
}

// Alerts come back as they are; what an agent sends is clipped, whatever field it is in.
func TestCodecClipsWhatAgentsSend(t *testing.T) {
	long, many := strings.Repeat("x", MaxTextBytes+1), slices.Repeat([]string{"y"}, MaxListLen+1)
	d := &Details{Outcome: long, Kernel: &Kernel{SID: long, NSFlags: many}}
	if a, err := ParseAlert(AppendAlert(nil, &Alert{Reason: long, Details: d})); err != nil || a.Reason != long || a.Details.Outcome != long || len(a.Details.Kernel.NSFlags) != len(many) {
		t.Error("an alert is another one", err)
	}
	_, got, _, err := ParseMatches(AppendMatches(nil, Head{}, []Match{{Rule: &Rule{Tags: many}, Details: d}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{got[0].Details.Outcome, got[0].Details.Kernel.SID} {
		if s != Clip(long, MaxTextBytes) {
			t.Errorf("%d bytes", len(s))
		}
	}
	for _, l := range [][]string{got[0].Rule.Tags, got[0].Details.Kernel.NSFlags} {
		if !slices.Equal(l, ClipList(many)) {
			t.Errorf("%d items", len(l))
		}
	}
}

func TestCodecOfPlainEvents(t *testing.T) {
	a := PlainEvent(&Details{EventID: "e", TimeNs: math.MinInt64}, true)
	got, err := ParseAlert(AppendAlert(nil, a))
	if diff := cmp.Diff(a, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// The layout is a promise: what one version stored, the next one reads. Whoever appends a field changes what is here, and nothing
// before it.
func TestCodecLayout(t *testing.T) {
	f := func(want string, got []byte) {
		t.Helper()
		if hex.EncodeToString(got) != want {
			t.Errorf("got %x", got)
		}
	}
	d := &Details{Source: SourceKernel, TimeNs: -1, EventID: "ev"}
	f("4d015607016e00ac020100010f01520000000600000000000000000001250101000265760000000000000000000000000000000000000000000000000000000000000001070202016f009201010b046e6f6465000000027b7d",
		AppendMatches(nil, Head{Node: "n", Epoch: 300, Seq: 1}, []Match{{Rule: &Rule{ID: "R"}, Output: "o", Severity: 73, Details: d}}, []Fact{{Kind: "node", Data: []byte("{}")}}))
	f("4101460161010f015200000006000000000000000000000000000000000001017801250101000265760000000000000000000000000000000000000000000000000000000000000000",
		AppendAlert(nil, &Alert{ID: "a", Rule: &Rule{ID: "R"}, Anchors: []string{"x"}, Details: d}))

	const whole = "112d7259f1eba4683452e93b42390fde164c5a63f598435c0720b0fe56b66ffb"
	all := AppendMatches(nil, *filled[Head](t, 1), []Match{*filled[Match](t, 2)}, []Fact{*filled[Fact](t, 3)})
	if got := sha256.Sum256(AppendAlert(all, filled[Alert](t, 4))); hex.EncodeToString(got[:]) != whole {
		t.Errorf("got %x", got)
	}
}

// A newer version appends fields, an older one lacks some.
func TestCodecOfOtherVersions(t *testing.T) {
	b := AppendAlert(nil, &Alert{ID: "a", Rule: &Rule{ID: "R"}, Anchors: []string{"x"}, Details: &Details{EventID: "e"}})
	newer := append(append([]byte{'A', codecVersion}, byte(len(b)-3+4)), b[3:]...)
	newer = append(newer, "more"...)
	if b[2] > 0x7f-4 {
		t.Fatal("the example is too large for a length of one byte")
	}
	got, err := ParseAlert(newer)
	if err != nil || got.ID != "a" || got.Details.EventID != "e" {
		t.Errorf("%+v, %v", got, err)
	}
	older := []byte{'A', codecVersion, 2, 1, 'a'}
	if _, err := ParseAlert(older); err == nil || !strings.Contains(err.Error(), "no details") {
		t.Errorf("%v", err)
	}
	h, matches, facts, err := ParseMatches([]byte{'M', codecVersion, 3, 2, 1, 'n'})
	if err != nil || h != (Head{Node: "n"}) || len(matches)+len(facts) != 0 {
		t.Errorf("%+v %v %v %v", h, matches, facts, err)
	}
	if _, err := ParseAlert([]byte{'A', codecVersion + 1, 0}); !errors.Is(err, ErrVersion) {
		t.Errorf("%v", err)
	}
}

func TestCodecOfHostileInput(t *testing.T) {
	f := func(name string, b []byte) {
		t.Helper()
		if _, err := ParseAlert(b); err == nil {
			t.Errorf("alert: %s", name)
		}
		if _, _, _, err := ParseMatches(b); err == nil {
			t.Errorf("matches: %s", name)
		}
	}
	f("nothing", nil)
	f("a letter", []byte("A"))
	f("another letter", []byte("X\x01\x00"))
	f("no version", []byte("M"))
	for _, whole := range [][]byte{
		AppendAlert(nil, filled[Alert](t, 1)),
		AppendMatches(nil, Head{Node: "n"}, []Match{*filled[Match](t, 1)}, []Fact{*filled[Fact](t, 1)}),
	} {
		for n := range len(whole) {
			f(fmt.Sprintf("cut after %d of %d", n, len(whole)), whole[:n])
		}
		f("more behind the end", append(whole, 0))
	}
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	f("a huge struct", append([]byte("A\x01"), huge...))
	f("a huge text", withLength('A', huge))
	f("a huge struct in a batch", withLength('M', huge))
	f("257 rules", withLength('M', append([]byte{0, 0x81, 2}, make([]byte, 257)...)))
	f("a huge list", withLength('M', append([]byte{0}, huge...)))
	f("a number of 11 bytes", withLength('M', []byte(strings.Repeat("\xff", 11))))
	f("a match without details", withLength('M', []byte{0, 0, 0, 1, 0}))
	f("a match of details that there are not", withLength('M', []byte{0, 0, 0, 1, 2, 0, 2}))
	f("a match of a rule before the first", withLength('M', []byte{0, 0, 1, 0, 1, 2, 1, 2}))
	f("truth of 2", withLength('A', []byte{0, 2}))
}

// withLength is a message of a struct.
func withLength(letter byte, fields []byte) []byte {
	return append(binary.AppendUvarint([]byte{letter, codecVersion}, uint64(len(fields))), fields...)
}

// What is parsed takes memory in proportion to its bytes: a list of empty texts takes most.
func TestCodecMemory(t *testing.T) {
	const n = 1 << 20
	list := append(binary.AppendUvarint(nil, n), make([]byte, n)...)
	rule := append([]byte{0, 0, 0}, list...) // in the place of its tags
	batch := withLength('M', append([]byte{0, 1}, append(binary.AppendUvarint(nil, uint64(len(rule))), rule...)...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _, err := ParseMatches(batch)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; err != nil || grown < n || grown > 17*n {
		t.Errorf("%d bytes for %d: %v", grown, len(batch), err)
	}
}

func FuzzParseMatches(f *testing.F) {
	f.Add(AppendMatches(nil, Head{Node: "n", Seq: 1}, []Match{{Rule: &Rule{ID: "R"}, Details: mountDetails()}, {Details: &Details{}}}, []Fact{{Kind: "k"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, matches, facts, err := ParseMatches(b)
		if err != nil {
			return
		}
		once := AppendMatches(nil, h, matches, facts)
		if h, matches, facts, err = ParseMatches(once); err != nil {
			t.Fatal(err)
		}
		if again := AppendMatches(nil, h, matches, facts); !bytes.Equal(once, again) {
			t.Errorf("%x became %x", once, again)
		}
	})
}

func FuzzParseAlert(f *testing.F) {
	f.Add(AppendAlert(nil, kernelAlert()))
	f.Add(AppendAlert(nil, PlainEvent(&Details{}, false)))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAlert(b)
		if err != nil {
			return
		}
		once := AppendAlert(nil, a)
		if a, err = ParseAlert(once); err != nil {
			t.Fatal(err)
		}
		if again := AppendAlert(nil, a); !bytes.Equal(once, again) {
			t.Errorf("%x became %x", once, again)
		}
	})
}

func BenchmarkAppendMatches(b *testing.B) {
	matches := benchMatches()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendMatches(buf[:0], Head{Node: "n"}, matches, nil)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkParseMatches(b *testing.B) {
	buf := AppendMatches(nil, Head{Node: "n"}, benchMatches(), nil)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := ParseMatches(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func benchMatches() []Match {
	matches, rule := make([]Match, MaxBatchMatches), &Rule{ID: "R62", Name: "Root gained in a container"}
	for i := range matches {
		matches[i] = Match{Rule: rule, Severity: SeverityHigh, Output: "a process became root", Message: "Root gained", Details: mountDetails()}
	}
	return matches
}
