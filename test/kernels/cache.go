package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/parallax-sec/parallax/test/kernels/debian"
)

// cache is a folder in which what comes from Debian is kept from run to run: a folder for each kernel, tools-ARCH with what the
// machines need, and the apt folders that they came by. What is there is not fetched again.
type cache struct {
	dir    string
	mirror string
}

// defaultCache is the folder in the user's cache, by the XDG base directory specification.
func defaultCache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "parallax", "kernels"), err
}

// kernel fetches a kernel, unless it is there, and returns its folder.
func (c *cache) kernel(ctx context.Context, k kernel) (string, error) {
	return c.folder(k.Name, func(dir string) error {
		root, err := c.root(ctx, k.Release)
		if err != nil {
			return err
		}
		packages, err := kernelPackages(ctx, root, k.Package)
		if err != nil {
			return err
		}
		return root.Unpack(ctx, dir, packages...)
	})
}

// tools fetches the container runtime and the programs for containers, with the libraries that they need, unless they are there,
// and returns their folder.
func (c *cache) tools(ctx context.Context, arch string) (string, error) {
	return c.folder("tools-"+arch, func(dir string) error {
		root, err := c.root(ctx, debian.Release{Suite: "bookworm", Arch: arch})
		if err != nil {
			return err
		}
		return root.UnpackAll(ctx, dir, "crun", "busybox-static")
	})
}

func (c *cache) root(ctx context.Context, r debian.Release) (*debian.Root, error) {
	return debian.Open(ctx, filepath.Join(c.dir, "apt-"+r.Suite+"-"+r.Arch), c.mirror, r)
}

// folder fills a folder of the cache, unless it is there. It comes into being whole or not at all.
func (c *cache) folder(name string, fill func(dir string) error) (string, error) {
	dir := filepath.Join(c.dir, name)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(c.dir, name+".part-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := fill(tmp); err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	return dir, os.Rename(tmp, dir)
}

// kernelPackages resolves a package that stands for the newest kernel of its kind to the packages that hold it. From 7.x on the
// kernel and its modules are packages of their own.
func kernelPackages(ctx context.Context, root *debian.Root, name string) ([]string, error) {
	newest, err := root.Depends(ctx, name)
	if err != nil {
		return nil, err
	}
	image := withPrefix(newest, "linux-image-")
	if len(image) != 1 {
		return nil, fmt.Errorf("package %s stands for %q, want one kernel", name, image)
	}
	needs, err := root.Depends(ctx, image[0])
	return append(image, withPrefix(needs, "linux-binary-", "linux-modules-")...), err
}

func withPrefix(names []string, prefixes ...string) []string {
	var out []string
	for _, n := range names {
		for _, p := range prefixes {
			if strings.HasPrefix(n, p) {
				out = append(out, n)
			}
		}
	}
	return out
}

// image finds the kernel itself below the folder that its packages were unpacked into.
func image(dir string) (string, error) {
	for _, pattern := range []string{"boot/vmlinuz-*", "lib/modules/*/vmlinuz", "usr/lib/modules/*/vmlinuz"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("there is no kernel below %s", dir)
}
