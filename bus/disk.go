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

// tight says that there is little more room than is kept free: what is not needed any more should go.
func (d *disk) tight() bool { return d.status().Free < 2*d.reserve }

// room returns ErrFull where nothing more is to be stored in a stream of the embedded server. What comes of events that are there (alerts,
// facts) may go on longer than events may come: otherwise nothing could ever be removed.
func (b *Bus) room(stream string) error {
	if b.server == nil {
		return nil
	}
	needed := b.server.disk.reserve
	if stream != streamEvents {
		needed /= 4
	}
	if free := b.server.disk.status().Free; free < needed {
		return fmt.Errorf("%w: the disk has %d MB free, of which %d are needed to go on", ErrFull, free>>20, needed>>20)
	}
	return nil
}
