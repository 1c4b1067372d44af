package procscan

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// stat is what /proc/PID/stat tells (proc_pid_stat(5), fs/proc/array.c do_task_stat).
type stat struct {
	comm            string
	state           byte
	ppid, pgid, sid uint32
	tty             uint32 // as stat has it
	flags           uint64
	threads         uint64
	startTicks      uint64
}

// Fields of stat by number, as proc_pid_stat(5) counts them.
const (
	statState   = 3
	statPPID    = 4
	statPGID    = 5
	statSID     = 6
	statTTY     = 7
	statFlags   = 9
	statThreads = 20
	statStart   = 22
)

// parseStat reads a stat file. The name in it stands in brackets and may hold brackets and blanks itself.
func parseStat(b []byte) (stat, bool) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return stat{}, false
	}
	fields := strings.Fields(string(b[end+1:]))
	if len(fields) <= statStart-statState || len(fields[0]) != 1 {
		return stat{}, false
	}
	s := stat{comm: string(b[open+1 : end]), state: fields[0][0]}
	ok := true
	number := func(field int) uint64 {
		n, err := strconv.ParseInt(fields[field-statState], 10, 64)
		ok = ok && err == nil
		return uint64(n)
	}
	s.ppid, s.pgid, s.sid = uint32(number(statPPID)), uint32(number(statPGID)), uint32(number(statSID))
	s.tty, s.flags = uint32(number(statTTY)), number(statFlags)
	s.threads, s.startTicks = number(statThreads), number(statStart)
	return s, ok
}

// dead says whether the process has ended: a first thread that ended before the others is a zombie, too.
func (s *stat) dead() bool {
	return s.state == 'X' || s.state == 'Z' && s.threads <= 1
}

// kthread says whether it is a thread of the kernel (PF_KTHREAD, include/linux/sched.h).
func (s *stat) kthread() bool { return s.flags&0x00200000 != 0 }

func (s *stat) process(pid uint32) kernel.Process {
	return kernel.Process{
		Key:    kernel.Key{PID: pid, StartNs: s.startTicks * kernel.TickNs},
		Parent: kernel.Key{PID: s.ppid},
		PGID:   s.pgid, SID: s.sid, TTY: ttyNumber(s.tty),
		Name: s.comm,
	}
}

// ttyNumber turns a terminal's number as stat has it (new_encode_dev, include/linux/kdev_t.h) into major << 20 | minor.
func ttyNumber(dev uint32) uint32 {
	major, minor := dev>>8&0xfff, dev&0xff|dev>>12&0xfff00
	return major<<20 | minor
}
