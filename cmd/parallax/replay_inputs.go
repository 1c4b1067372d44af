package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
	"github.com/parallax-sec/parallax/ingest/kernel/recording"
	"github.com/parallax-sec/parallax/pipeline"
)

// stdinName stands for standard input among files.
const stdinName = "-"

// inputs are what a replay reads: audit logs, and recordings of the kernel sensor.
type inputs struct {
	logs       *logfile.Reader   // nil where none is read
	recordings *recording.Reader // the same
	decoder    *recording.Decoder
	seen       audit.Seen // what the logs' events came in, and what of other logs was among them
	stdin      bool       // how much there is to be read is not known
}

// openInputs finds out which files are which. Of standard input it waits for the first byte.
func (a *app) openInputs(ctx context.Context, files []string) (*inputs, error) {
	in := &inputs{stdin: slices.Contains(files, stdinName)}
	stdin := a.in // of audit logs
	var recorded io.Reader
	if in.stdin && a.in != nil {
		all, isRecording, err := recognize(ctx, a.in)
		if err != nil {
			return nil, err
		}
		if stdin = all; isRecording {
			stdin, recorded = nil, all
			files = slices.DeleteFunc(slices.Clone(files), func(name string) bool { return name == stdinName })
		}
	}
	return in, in.open(files, stdin, recorded)
}

// open opens files, and standard input as what it is.
func (in *inputs) open(files []string, stdin, recorded io.Reader) (err error) {
	var recordings []string
	if len(files) > 0 || recorded == nil {
		cfg := logfile.DefaultConfig()
		cfg.Leave = recording.Is
		if in.logs, err = logfile.Open(cfg, files, stdin); err != nil {
			return err
		}
		recordings = in.logs.Left()
	}
	if len(recordings) > 0 || recorded != nil {
		in.recordings, err = recording.Open(recordings, recorded)
	}
	return err
}

// recognize looks at the beginning of standard input, and returns what reads all of it.
func recognize(ctx context.Context, stdin io.Reader) (all io.Reader, isRecording bool, err error) {
	r := bufio.NewReader(stdin)
	done := make(chan bool, 1)
	go func() {
		head, _ := r.Peek(1) // an error comes again when it is read
		if recording.MayBe(head) {
			head, _ = r.Peek(recording.HeadBytes)
		}
		done <- recording.Is(head)
	}()
	select {
	case isRecording = <-done:
		return r, isRecording, nil
	case <-ctx.Done():
		return nil, false, errors.New("interrupted while waiting for standard input")
	}
}

// lanes are the lanes of a pipeline that judges all inputs by rules.
func (in *inputs) lanes(judge func() pipeline.Judge) []pipeline.Lane {
	var out []pipeline.Lane
	if in.logs != nil {
		out = append(out, pipeline.Lane{Source: in.logs, Worker: func() pipeline.Worker {
			d := audit.NewDecoder()
			d.CountTo(&in.seen)
			return pipeline.Judged(d, judge())
		}})
	}
	if in.recordings != nil {
		in.decoder = recording.NewDecoder()
		out = append(out, pipeline.Lane{Source: in.recordings, InOrder: true, Worker: func() pipeline.Worker {
			return pipeline.Judged(in.decoder, judge()) // in order, there is one worker
		}})
	}
	return out
}

// progress returns how many bytes have been read, as they are stored, and how many there are; 0 where that is not known.
func (in *inputs) progress() (readBytes, totalBytes int64) {
	for _, r := range in.readers() {
		read, total := r.Progress()
		readBytes, totalBytes = readBytes+read, totalBytes+total
	}
	if in.stdin {
		totalBytes = 0
	}
	return readBytes, totalBytes
}

// lost is what was lost of the kernel when it was recorded.
func (in *inputs) lost() []bpf.Lost {
	if in.recordings == nil {
		return nil
	}
	return in.recordings.Lost()
}

// full is what was found no room for when the recordings were read.
func (in *inputs) full() []bpf.Lost {
	if in.decoder == nil {
		return nil
	}
	return in.decoder.Lost()
}

// Close closes all.
func (in *inputs) Close() error {
	var errs []error
	for _, r := range in.readers() {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}

// reader is what inputs need of a logfile.Reader and of a recording.Reader.
type reader interface {
	Progress() (readBytes, totalBytes int64)
	Close() error
}

func (in *inputs) readers() (out []reader) {
	if in.logs != nil {
		out = append(out, in.logs)
	}
	if in.recordings != nil {
		out = append(out, in.recordings)
	}
	return out
}
