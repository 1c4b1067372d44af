package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// programs loads the object's programs one by one, on demand: what one kernel lacks for one of them does not take the others away.
type programs struct {
	spec   *ebpf.CollectionSpec
	maps   map[string]*ebpf.Map
	vars   map[string]*ebpf.Variable
	loaded map[string]*ebpf.Program // by name and function
	types  *btf.Cache               // the kernel's, decoded once
}

// newPrograms makes the maps of spec, and loads no program yet.
func newPrograms(spec *ebpf.CollectionSpec) (*programs, error) {
	onlyMaps := *spec
	onlyMaps.Programs = nil
	c, err := ebpf.NewCollection(&onlyMaps)
	if err != nil {
		return nil, fmt.Errorf("make maps: %w", bare(err))
	}
	return &programs{spec: spec, maps: c.Maps, vars: c.Variables, loaded: map[string]*ebpf.Program{}, types: btf.NewCache()}, nil
}

// load loads a program, once. function is the function that it is to be attached to; empty: the one that the object names.
func (p *programs) load(name, function string) (*ebpf.Program, error) {
	key := name + " " + function
	if prog := p.loaded[key]; prog != nil {
		return prog, nil
	}
	spec := p.spec.Programs[name]
	if spec == nil {
		return nil, fmt.Errorf("program %s: not in the object", name)
	}
	spec = spec.Copy()
	if function != "" {
		spec.AttachTo = function
	}
	prog, err := p.loadSpec(spec)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, bare(err))
	}
	p.loaded[key] = prog
	return prog, nil
}

// loadSpec loads one program, with the maps that are there already.
func (p *programs) loadSpec(spec *ebpf.ProgramSpec) (*ebpf.Program, error) {
	one := *p.spec
	one.Programs = map[string]*ebpf.ProgramSpec{spec.Name: spec}
	one.Variables = nil
	c, err := ebpf.NewCollectionWithOptions(&one, ebpf.CollectionOptions{MapReplacements: p.maps, Cache: p.types})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.DetachProgram(spec.Name), nil
}

// forget lets go of what loading alone needs. No program can be loaded after it.
func (p *programs) forget() { p.types, p.spec, p.vars = nil, nil, nil }

// skipped returns how often, at most, nothing was seen because the kernel passed over a program: it does not run one on a CPU where a
// task is in the middle of it, preempted (recursion_misses of struct bpf_prog_info, counted since 5.12).
func (p *programs) skipped() (n uint64, err error) {
	misses := map[string]uint64{}
	for key, prog := range p.loaded {
		stats, err := prog.Stats()
		if err != nil {
			return 0, fmt.Errorf("program %s: %w", key, err)
		}
		misses[key] = stats.RecursionMisses
	}
	for _, t := range tracepoints() {
		// What both were passed over for, the first program and the one that looks again, is not more than what the lesser was.
		if _, twice := misses[t.again+" "]; twice {
			misses[t.program+" "] = min(misses[t.program+" "], misses[t.again+" "])
			delete(misses, t.again+" ")
		}
	}
	for _, m := range misses {
		n += m
	}
	return n, nil
}

func (p *programs) close() error {
	p.forget()
	var err error
	for _, prog := range p.loaded {
		err = errors.Join(err, prog.Close())
	}
	p.loaded = nil
	for _, m := range p.maps {
		err = errors.Join(err, m.Close())
	}
	return err
}
