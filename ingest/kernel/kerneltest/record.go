package kerneltest

import (
	"unsafe"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// head is the head of p's next record. Kind, and the flags that only some kinds have, are the caller's to add.
func (w *world) head(p *process, kind bpf.Kind, cpu uint16) bpf.Head {
	w.seqs[cpu]++
	h := p.head
	h.TimeNs, h.Seq, h.Cpu, h.Kind, h.Version = w.nowNs, w.seqs[cpu], cpu, uint8(kind), bpf.RecordVersion
	h.Flags |= w.scope(p)
	if h.Flags&scopeFlags != 0 && !p.started && kind != bpf.KindExec {
		h.Flags |= bpf.FlagRuntime
	}
	if f := p.parent; f != nil {
		h.Ppid, h.ParentStartNs, h.ParentCgroup, h.ParentComm = f.head.Pid, f.head.StartNs, f.head.Cgroup, f.head.Comm
		h.ParentPidns, h.ParentMntns = f.head.Ns.Pid, f.head.Ns.Mnt
		if h.Vppid = f.head.Vpid; f.head.Ns.Pid != h.Ns.Pid {
			h.Vppid = 0
		}
		if f.subreaper {
			h.Flags |= bpf.FlagSubreaperParent
		}
		if f.kthread {
			h.Flags |= bpf.FlagKthreadParent
		}
	}
	return h
}

// record adds a record to the stream: r, whose head is h, and behind it its texts.
func record[T any](w *world, r *T, h *bpf.Head, texts ...[]byte) {
	h.Size = uint32(unsafe.Sizeof(*r))
	for _, t := range texts {
		h.Size += uint32(len(t))
	}
	body := unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r))
	body = append([]byte(nil), body...)
	for _, t := range texts {
		body = append(body, t...)
	}
	w.add(kernel.AppendRecord(nil, body), int64(h.TimeNs)+w.offsetNs)
}

// cut returns at most so many bytes of text as a record holds, and sets the flag that says so where there are more.
func cut(text []byte, most int, flags *uint32, flag uint32) []byte {
	if len(text) <= most {
		return text
	}
	*flags |= flag
	return text[:most]
}

// Bounds of texts in records (ARGV_MAX and PATH_LEN_MAX of bpf/c/record.h).
const (
	maxArgv = 4096
	maxText = 1024
)

func cutText(s string, flags *uint32) []byte { return cut([]byte(s), maxText, flags, bpf.FlagPathCut) }
