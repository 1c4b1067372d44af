package kerneltest

import (
	"cmp"
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
)

// creds takes a call of the setuid family: what it leaves behind is what the call does, unless the line says otherwise.
func (w *world) creds(op uint32, name string, k *credLine) error {
	after := k.ids
	k.ids = ids{}
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	r := &bpf.Creds{Op: op, Ret: int32(k.Ret), Before: p.head.Cred, NgroupsBefore: k.GroupsBefore, Ngroups: cmp.Or(k.Groups, k.GroupsBefore)}
	if len(k.Args) > len(r.Arg) {
		return fmt.Errorf("%d args, at most %d", len(k.Args), len(r.Arg))
	}
	var args [3]int64
	if name == "capset" {
		c := p.head.Cred
		after.applyCaps(&c)
		args = [3]int64{int64(c.CapEffective), int64(c.CapPermitted), int64(c.CapInheritable)}
	}
	copy(args[:], k.Args)
	for i, a := range args {
		r.Arg[i] = uint64(a)
		if name != "capset" && a == keep {
			r.Arg[i] = noUser
		}
	}
	if k.Ret >= 0 {
		call(&p.head.Cred, name, args)
		after.apply(&p.head.Cred, r.Before, p.rootCaps())
	}
	r.Head = w.head(p, bpf.KindCreds, k.CPU)
	record(w, r, &r.Head)
	return nil
}
