package runtimefiles

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// idMaps are how the user namespace of a process numbers users and groups.
type idMaps struct{ uids, gids idMap }

// idMap is the lines of /proc/PID/uid_map (user_namespaces(7)); empty: ids are the same inside and outside.
type idMap []idRange

type idRange struct{ inside, outside, count uint32 }

// maxIDMap bounds the file: the kernel takes 340 lines.
const maxIDMap = 32 << 10

func readIDMaps(proc string) (m idMaps, err error) {
	if m.uids, err = readIDMap(filepath.Join(proc, "uid_map")); err != nil {
		return m, err
	}
	m.gids, err = readIDMap(filepath.Join(proc, "gid_map"))
	return m, err
}

func readIDMap(path string) (idMap, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxIDMap))
	if err != nil {
		return nil, err
	}
	return parseIDMap(b)
}

func parseIDMap(b []byte) (idMap, error) {
	var m idMap
	for line := range bytes.Lines(b) {
		var r idRange
		if _, err := fmt.Sscan(string(line), &r.inside, &r.outside, &r.count); err != nil {
			return nil, fmt.Errorf("map of ids: %w", err)
		}
		m = append(m, r)
	}
	if m == nil {
		return nil, fmt.Errorf("map of ids: %w", io.ErrUnexpectedEOF) // a user namespace without ids
	}
	return m, nil
}

// outside is the id of the initial user namespace that an id means inside.
func (m idMap) outside(id uint32) (uint32, bool) {
	if m == nil {
		return id, true
	}
	for _, r := range m {
		if id >= r.inside && id-r.inside < r.count {
			return r.outside + (id - r.inside), true
		}
	}
	return 0, false
}
