package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/program/programtest"
)

// judge judges events; nil judges nothing.
type judge interface {
	Judge(e event.Event, dst []event.Match) []event.Match
}

// replayTable is P1, P3 and the last part of P6: whole paths from file to verdict.
func replayTable(sections []section, rounds int) error {
	judges, err := generated(150, 1500)
	if err != nil {
		return err
	}
	floor := &contender{name: "wc -l", run: countLines}
	typed := &contender{name: "encoding/json into audit/v1.Event", run: decodeTyped}
	read := &contender{name: "read and decode", run: replayer(nil)}
	with150 := &contender{name: "read, decode, 150 rules", run: replayer(judges[0])}
	with1500 := &contender{name: "read, decode, 1,500 rules", run: replayer(judges[1])}
	all := []*contender{floor, read, with150, with1500, typed}
	measure(all, sections, rounds)
	table(os.Stdout, "P1: share of the rate of a wc -l equivalent (goal: 0.40 with 150 rules, 0.55 decode alone)", floor, all[:4])
	table(os.Stdout, "P3: times faster than encoding/json into audit/v1.Event (goal: 30)", typed, []*contender{read, with150})
	table(os.Stdout, "P6: replay with 1,500 rules against 150 (goal: 0.80)", with150, []*contender{with1500})
	return nil
}

// rulesTable is P6: what more rules cost, on decoded events.
func rulesTable(sections []section, rounds int) error {
	judges, err := generated(150, 1500, 10000)
	if err != nil {
		return err
	}
	base := &contender{name: "150 rules", run: judging(judges[0])}
	all := []*contender{base, {name: "1,500 rules", run: judging(judges[1])}, {name: "10,000 rules", run: judging(judges[2])}}
	bare := &contender{name: "decoding alone", run: judging(nil)}
	measure(append(all, bare), sections, rounds)
	for _, c := range all { // what is left is the rules
		for i := range c.ns {
			c.ns[i] -= minimum(bare.ns)
		}
	}
	table(os.Stdout, "P6: rules alone, decoding taken off (goal: 1,500 at most 2.5 times, 10,000 at most 6 times as dear: 0.40, 0.17)", base, all)
	return nil
}

// allocations is P4. Lines that match are measured apart from those that do not.
func allocations(sections []section) error {
	judges, err := generated(150)
	if err != nil {
		return err
	}
	quiet, loud := split(&sections[0], judges[0])
	fmt.Printf("\nP4: allocations with 150 rules (goal: 0 an event without a match, 2 a match)\n")
	for _, s := range []*section{quiet, loud} {
		run := judging(judges[0])
		n := run(s)
		fmt.Printf("  %d events, %d matches: %.0f\n", n.events, n.matches, testing.AllocsPerRun(20, func() { run(s) }))
	}
	return nil
}

// split puts the lines that match apart from those that do not.
func split(s *section, j judge) (quiet, loud *section) {
	quiet, loud = new(section), new(section)
	run := judging(j)
	for line := range bytes.Lines(s.text) {
		to := quiet
		if run(&section{text: line}).matches > 0 {
			to = loud
		}
		to.text = append(to.text, line...)
	}
	return quiet, loud
}

func countLines(s *section) tally {
	return tally{events: withFile(s, func(f *os.File) int {
		r, n := bufio.NewReaderSize(f, 256<<10), 0
		for {
			_, err := r.ReadSlice('\n')
			switch {
			case err == nil:
				n++
			case !errors.Is(err, bufio.ErrBufferFull):
				return n
			}
		}
	})}
}

func decodeTyped(s *section) tally {
	n := 0
	for line := range bytes.Lines(s.text) {
		var e auditv1.Event
		if err := json.Unmarshal(line, &e); err != nil {
			panic(err)
		}
		n++
	}
	return tally{events: n}
}

// replayer reads a section as replay does, and judges it.
func replayer(j judge) func(*section) tally {
	d := audit.NewDecoder()
	var buf []event.Match
	return func(s *section) tally {
		r, err := logfile.Open(logfile.DefaultConfig(), []string{s.file}, nil)
		if err != nil {
			panic(err)
		}
		defer r.Close()
		var n tally
		for {
			b, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				return n
			} else if err != nil {
				panic(err)
			}
			d.Decode(b, func(e event.Event) {
				n.events++
				if j != nil {
					buf = j.Judge(e, buf[:0])
					n.matches += len(buf)
				}
			}, func(f event.Fault) { panic(f) })
			b.Release()
		}
	}
}

// judging decodes a section that is in memory, and judges it.
func judging(j judge) func(*section) tally {
	d := audit.NewDecoder()
	var buf []event.Match
	var n tally
	var batch event.Batch
	yield := func(e event.Event) {
		n.events++
		if j != nil {
			buf = j.Judge(e, buf[:0])
			n.matches += len(buf)
		}
	}
	return func(s *section) tally {
		n = tally{}
		batch = event.Batch{Origin: s.file, Line: 1, Data: s.text}
		d.Decode(&batch, yield, func(f event.Fault) { panic(f) })
		return n
	}
}

// generated returns judges of so many generated rules each.
func generated(counts ...int) ([]judge, error) {
	var out []judge
	for _, n := range counts {
		var files []rules.File // of a size that Load accepts
		for some := range slices.Chunk(programtest.Generate(n, 7), 1000) {
			files = append(files, rules.File{Name: fmt.Sprintf("generated-%d.yaml", len(files)), Data: ruleFile(some, len(files))})
		}
		set, found := rules.Load(rules.Env{Fields: audit.Fields()}, files)
		if set == nil {
			return nil, fmt.Errorf("generated rules do not load: %s", found[0].Message)
		}
		out = append(out, set.NewJudge(rules.MatchAll))
	}
	return out, nil
}

func ruleFile(conditions []string, number int) []byte {
	var b []byte
	for i, c := range conditions {
		b = fmt.Appendf(b, "- rule: generated %d.%d\n  desc: d\n  condition: >-\n    %s\n  output: user=%%ka.user.name verb=%%ka.verb\n  priority: WARNING\n  source: k8s_audit\n", number, i, c)
	}
	return b
}

func withFile(s *section, do func(*os.File) int) int {
	f, err := os.Open(s.file)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	return do(f)
}
