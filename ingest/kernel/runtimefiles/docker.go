package runtimefiles

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// readDocker reads what Docker keeps of a container in its data folder (moby, daemon/container: config.v2.json and hostconfig.json).
func readDocker(t tree, folder string, c *kernel.Container) (bool, error) {
	dir := filepath.Join(folder, "containers", c.ID)
	var config struct {
		Name   string
		Image  string // id
		Config struct {
			Image  string
			Labels map[string]string
		}
	}
	if err := readJSON(t, filepath.Join(dir, "config.v2.json"), &config); err != nil {
		return false, err
	}
	c.Runtime = orDefault(c.Runtime, "docker")
	c.Name = orDefault(name(strings.TrimPrefix(config.Name, "/")), c.Name)
	c.Image = orDefault(text(config.Config.Image), c.Image)
	c.ImageID = orDefault(text(config.Image), c.ImageID)
	c.Labels = labels(config.Config.Labels)
	annotate(c, config.Config.Labels) // cri-dockerd's, which names the container better

	var host struct{ Privileged *bool }
	if err := readJSON(t, filepath.Join(dir, "hostconfig.json"), &host); err != nil {
		return true, err
	}
	c.Privileged = host.Privileged
	return true, nil
}

// readJSON reads a file into v.
func readJSON(t tree, path string, v any) error {
	b, err := t.read(path, maxFile)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
