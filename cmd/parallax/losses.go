package main

import (
	"fmt"
	"io"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// lossName is what is lost for a reason, as one and as many of them.
func lossName(reason string) (one, many string) {
	switch reason {
	case "rare_full", "bulk_full":
		return "record", "records"
	case "marks_full":
		return "mark of a process", "marks of processes"
	case "calls_full":
		return "call", "calls"
	case "cgroups_full":
		return "cgroup below a container's", "cgroups below a container's"
	case "skipped":
		return "run of a program in the kernel", "runs of programs in the kernel"
	case "scope_full":
		return "cgroup or mount namespace of a container", "cgroups or mount namespaces of containers"
	case "table_full":
		return "process", "processes"
	case "sessions_lost":
		return "session of a process", "sessions of processes"
	case "containers_full":
		return "container, or cgroup or labels of one", "containers, or cgroups or labels of some"
	}
	return "thing", "things"
}

// printLost tells of each loss, and of where there is room for it.
func printLost(w io.Writer, lost []bpf.Lost, when string) {
	for _, l := range lost {
		if l.N == 0 {
			continue
		}
		where := ""
		if l.CPU >= 0 {
			where = fmt.Sprintf(" on CPU %d", l.CPU)
		}
		one, many := lossName(l.Reason)
		fmt.Fprintf(w, "lost%s%s: %s (%s)\n", where, when, counted(l.N, one, many), event.Escape(l.Reason))
	}
}
