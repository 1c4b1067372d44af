package kernel

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// ownFields are our fields, beside Falco's:
//
//	proc.entry, proc.entry.{name,exepath,cmdline,tty,pid,by,duration}, proc.is_entry, proc.in_session, proc.is_runtime, proc.no_new_privs,
//	proc.parent_is_kthread
//	argv.{count,bytes,truncated,unreadable}
//	exe.{name,origin,deleted,mode,uid,setuid}
//	mount.{source,target,fstype,flags,data,key,command,dev}
//	cred.{uid,euid,suid,fsuid,gid,egid,sgid,fsgid,caps,userns_level}, the same under cred.before., cred.{gained,direction,gained_caps,secure_exec}
//	ns.{flags,target}
//	ptrace.{target,pid,name,uid}
//	container.{via,sandbox,cgroup,title,where}, proc.terminal
//	drop.{reason,count}
func ownFields() []event.Field {
	return slices.Concat(titleFields(), sessionFields(), argvFields(), exeFields(), mountFields(), credFields(), nsFields(), dropFields())
}

func dropFields() []event.Field {
	return []event.Field{
		row("drop.reason", event.Text, ofText(func(e *Event) string {
			if e.lost == nil {
				return ""
			}
			return e.lost.Reason
		}), "Why something was lost: rare_full, bulk_full, marks_full, calls_full, cgroups_full, skipped, scope_full (containers that the kernel could not be told of), table_full (processes), sessions_lost, containers_full."),
		row("drop.count", event.Number, ofNumber(func(e *Event) (uint64, bool) {
			if e.lost == nil {
				return 0, false
			}
			return e.lost.N, true
		}), "How many were lost: records, or what the reason says."),
	}
}

// ofFlag is a flag of the record.
func ofFlag(f uint32) getter { return ofBool(func(e *Event) (bool, bool) { return e.flag(f) }) }
