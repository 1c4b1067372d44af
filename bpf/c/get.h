/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Reading the kernel's memory. A pointer that the context of a tp_btf program holds, or that was loaded through such a one, is followed
 * by plain loads: a fault reads as 0. Any other pointer needs a helper call for each step, which costs more than ten loads.
 */
#ifndef PARALLAX_GET_H
#define PARALLAX_GET_H

enum how {
	PLAIN, /* the pointer came from the context */
	PROBED, /* it came from elsewhere: bpf_get_current_task, a map, arithmetic */
};

/* GET(how, task, signal, tty) is task->signal->tty. how must be known when compiling. */
#define GET(how, src, ...) ((how) == PLAIN ? ___arrow(src, __VA_ARGS__) : BPF_CORE_READ(src, __VA_ARGS__))

#endif
