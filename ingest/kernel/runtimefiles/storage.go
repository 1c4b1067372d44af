package runtimefiles

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// readStorage reads a container's files in a root of containers/storage, which CRI-O and podman keep: the configuration that the runtime was
// given, in the container's folder of the storage driver.
func readStorage(t tree, folder string, c *kernel.Container) (bool, error) {
	for _, driver := range []string{"overlay", "vfs", "btrfs"} {
		containers := filepath.Join(folder, driver+"-containers")
		o, err := readOCI(t, filepath.Join(containers, c.ID, "userdata", "config.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		annotate(c, o.Annotations)
		c.Labels = labels(embedded(o.Annotations["io.kubernetes.cri-o.Labels"]))
		c.Privileged = o.privileged()
		if o.Annotations["io.container.manager"] != "libpod" {
			c.Runtime = orDefault(c.Runtime, "cri-o")
			return true, nil
		}
		c.Runtime = orDefault(c.Runtime, "podman")
		return true, readPodman(t, containers, c)
	}
	return false, nil
}

// embedded reads an object of texts that is the value of an annotation; nothing where it is none.
func embedded(s string) map[string]string {
	var m map[string]string
	if json.Unmarshal([]byte(s), &m) != nil {
		return nil
	}
	return m
}

// maxList bounds containers.json, which lists all containers of a root, in bytes.
const maxList = 8 << 20

// storedContainer is an entry of containers.json (containers/storage, type Container); Metadata is JSON that podman wrote (libpod,
// RuntimeContainerMetadata).
type storedContainer struct {
	ID       string
	Names    []string
	Image    string
	Metadata string
}

// readPodman takes a container's name and image from the list of its root.
func readPodman(t tree, containers string, c *kernel.Container) error {
	path := filepath.Join(containers, "containers.json")
	b, err := t.read(path, maxList)
	if err != nil {
		return err
	}
	var all []storedContainer
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for _, s := range all {
		if s.ID != c.ID {
			continue
		}
		var meta struct {
			ImageName string `json:"image-name"`
		}
		if err := json.Unmarshal([]byte(s.Metadata), &meta); err == nil {
			c.Image = orDefault(text(meta.ImageName), c.Image)
		}
		c.ImageID = orDefault(text(s.Image), c.ImageID)
		if len(s.Names) > 0 {
			c.Name = orDefault(name(s.Names[0]), c.Name)
		}
	}
	return nil
}
