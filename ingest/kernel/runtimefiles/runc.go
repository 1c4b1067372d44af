package runtimefiles

import (
	"path/filepath"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// readRunc reads the state that runc (libcontainer, state.json) or crun (status) keeps of a container which nothing else manages, and
// the annotations of the bundle that it names. Its name is its id.
func readRunc(t tree, root string, c *kernel.Container) (bool, error) {
	dir := filepath.Join(root, c.ID)
	bundle, err := runcBundle(t, dir)
	runtime := "runc"
	if err != nil {
		if bundle, err = crunBundle(t, dir); err != nil {
			return false, err
		}
		runtime = "crun"
	}
	c.Runtime = orDefault(c.Runtime, runtime)
	c.Name = orDefault(c.Name, name(c.ID))
	if !filepath.IsAbs(bundle) {
		return true, nil
	}
	o, err := readOCI(t, filepath.Join(bundle, "config.json"))
	if err != nil {
		return true, err
	}
	annotate(c, o.Annotations)
	c.Privileged = o.privileged()
	return true, nil
}

func runcBundle(t tree, dir string) (string, error) {
	var state struct {
		Config struct{ Labels []string }
	}
	if err := readJSON(t, filepath.Join(dir, "state.json"), &state); err != nil {
		return "", err
	}
	for _, l := range state.Config.Labels {
		if bundle, ok := strings.CutPrefix(l, "bundle="); ok {
			return bundle, nil
		}
	}
	return "", nil
}

func crunBundle(t tree, dir string) (string, error) {
	var status struct{ Bundle string }
	err := readJSON(t, filepath.Join(dir, "status"), &status)
	return status.Bundle, err
}
