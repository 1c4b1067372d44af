package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// AddCgroup makes the tasks of this cgroup, and of those below it that are made from now on, a container's. The id is as in Head.Cgroup.
func (s *Sensor) AddCgroup(id uint64) error { return s.inScope(mapCgroups, id) }

// RemoveCgroup takes AddCgroup back. It is no error when there is nothing to take back.
func (s *Sensor) RemoveCgroup(id uint64) error { return s.outOfScope(mapCgroups, id) }

// AddMountNS makes the tasks of the mount namespace with this inode number a container's.
func (s *Sensor) AddMountNS(inum uint32) error { return s.inScope(mapMountNS, inum) }

// RemoveMountNS takes AddMountNS back. It is no error when there is nothing to take back.
func (s *Sensor) RemoveMountNS(inum uint32) error { return s.outOfScope(mapMountNS, inum) }

func (s *Sensor) inScope(name string, key any) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := s.programs.maps[name].Put(key, uint32(1)); err != nil {
		return fmt.Errorf("add %v to %s: %w", key, name, err)
	}
	return nil
}

func (s *Sensor) outOfScope(name string, key any) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := s.programs.maps[name].Delete(key); err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
		return fmt.Errorf("remove %v from %s: %w", key, name, err)
	}
	return nil
}
