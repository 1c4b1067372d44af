package doctor

import (
	"errors"
	"io/fs"

	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

// runtimes returns the folders of container runtimes that are there.
func runtimes(f files) []Runtime {
	out := []Runtime{}
	node, err := runtimefiles.New(runtimefiles.Config{Root: f.root})
	if err != nil {
		return out
	}
	defer node.Close()
	for _, d := range node.Folders() {
		if errors.Is(d.Err, fs.ErrNotExist) {
			continue
		}
		r := Runtime{Name: d.Runtime, Path: d.Path}
		if d.Err != nil {
			r.Reason = d.Err.Error()
		}
		out = append(out, r)
	}
	return out
}
