//go:build linux

package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// programs loads the object's programs one by one, on demand: what one kernel lacks for one of them does not take the others away.
type programs struct {
	spec   *ebpf.CollectionSpec
	maps   map[string]*ebpf.Map
	loaded map[string]*ebpf.Program // by name and function
}

// newPrograms makes the maps of spec, and loads no program yet.
func newPrograms(spec *ebpf.CollectionSpec) (*programs, error) {
	onlyMaps := *spec
	onlyMaps.Programs = nil
	c, err := ebpf.NewCollection(&onlyMaps)
	if err != nil {
		return nil, fmt.Errorf("make maps: %w", bare(err))
	}
	return &programs{spec: spec, maps: c.Maps, loaded: map[string]*ebpf.Program{}}, nil
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
	if err := p.associate(spec); err != nil {
		return nil, err
	}
	prog, err := ebpf.NewProgram(spec)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", name, bare(err))
	}
	p.loaded[key] = prog
	return prog, nil
}

// associate puts the maps into the program's instructions.
func (p *programs) associate(spec *ebpf.ProgramSpec) error {
	for i := range spec.Instructions {
		ins := &spec.Instructions[i]
		if !ins.IsLoadFromMap() || ins.Reference() == "" {
			continue
		}
		m := p.maps[ins.Reference()]
		if m == nil {
			return fmt.Errorf("program %s: no map %s", spec.Name, ins.Reference())
		}
		if err := ins.AssociateMap(m); err != nil {
			return fmt.Errorf("program %s: map %s: %w", spec.Name, ins.Reference(), err)
		}
	}
	return nil
}

// forget closes the programs: links keep those alive that are attached.
func (p *programs) forget() error {
	var err error
	for key, prog := range p.loaded {
		err = errors.Join(err, prog.Close())
		delete(p.loaded, key)
	}
	return err
}

func (p *programs) close() error {
	err := p.forget()
	for _, m := range p.maps {
		err = errors.Join(err, m.Close())
	}
	return err
}
