// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The sensor's programs in one object. Each header tells what it traces, and why there. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "record.h"
#include "get.h"
#include "ring.h"
#include "twice.h"
#include "scope.h"
#include "head.h"
#include "paths.h"
#include "call.h"
#include "exec.h"
#include "tree.h"
#include "cgroup.h"
#include "exec_failed.h"
#include "mount.h"
#include "cred.h"
#include "ns.h"
#include "ptrace.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* These name the types in the object's BTF, from which the Go types are made. */
#define NAMED(type, name) const type *name##_named __attribute__((unused))
NAMED(struct mark, mark);
NAMED(struct rec_head, rec_head);
NAMED(struct rec_cred, rec_cred);
NAMED(struct rec_ns, rec_ns);
NAMED(struct rec_exec, rec_exec);
NAMED(struct rec_exit, rec_exit);
NAMED(struct rec_mount, rec_mount);
NAMED(struct rec_creds, rec_creds);
NAMED(struct rec_nsop, rec_nsop);
NAMED(struct rec_ptrace, rec_ptrace);
NAMED(struct rec_cgroup, rec_cgroup);
NAMED(enum rec_kind, rec_kind);
NAMED(enum rec_flags, rec_flags);
NAMED(enum exe_origin, exe_origin);
NAMED(enum mount_op, mount_op);
NAMED(enum cred_op, cred_op);
NAMED(enum ns_op, ns_op);
NAMED(enum cgroup_op, cgroup_op);
NAMED(enum lost_reason, lost_reason);
