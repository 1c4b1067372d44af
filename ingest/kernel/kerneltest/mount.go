package kerneltest

import (
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
)

// mount takes a call of the mount family.
func (w *world) mount(op uint32, k *mountLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	if k.Device != 0 && op != mountOps["fsmount"] && op != mountOps["move_mount"] {
		return fmt.Errorf("device: the sensor knows that of fsmount and move_mount only")
	}
	r := &bpf.Mount{
		Head: w.head(p, bpf.KindMount, k.CPU), Op: op, Fd: k.FD, Ret: int64(k.Ret), Flags: uint64(k.Flags), Attr: uint64(k.Attr),
		AttrClear: uint64(k.AttrClear), Propagation: uint64(k.Propagation), MountDev: k.Device,
	}
	flags := &r.Head.Flags
	texts := [][]byte{cutText(k.Source, flags), cutText(k.Target, flags), cutText(k.FSType, flags), cutText(k.Data, flags)}
	r.SourceLen, r.TargetLen, r.FstypeLen, r.DataLen = length(texts[0]), length(texts[1]), length(texts[2]), length(texts[3])
	record(w, r, &r.Head, texts...)
	return nil
}
