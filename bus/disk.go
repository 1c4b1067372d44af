package bus

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// disk is the file system of the embedded server. Before it is really full nothing more is taken, since a server that cannot
// write stops, and what it still has to write itself (acknowledgements, the checkpoint) needs a little room.
type disk struct {
	dir     string
	reserve uint64 // bytes
}

// status asks the file system.
func (d *disk) status() *DiskStatus {
	var s unix.Statfs_t
	if err := unix.Statfs(d.dir, &s); err != nil {
		return &DiskStatus{Full: true}
	}
	free := s.Bavail * uint64(s.Bsize)
	return &DiskStatus{Free: free, Total: s.Blocks * uint64(s.Bsize), Full: free < d.reserve}
}

// room returns ErrFull where nothing more is to be stored in the embedded server.
func (b *Bus) room() error {
	if b.server == nil {
		return nil
	}
	if s := b.server.disk.status(); s.Full {
		return fmt.Errorf("%w: the disk has %d MB free, of which %d are needed to go on", ErrFull, s.Free>>20, b.server.disk.reserve>>20)
	}
	return nil
}
