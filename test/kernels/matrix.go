package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/test/kernels/debian"
)

// kernel is one of Debian's kernels. The package is one that is always there and needs the newest of its kind: packages of one
// exact version vanish from the archive.
type kernel struct {
	Name    string // of the cache folder and the log
	Release debian.Release
	Package string
}

// matrix is the kernels of the test: the oldest that Debian still keeps, both of its stable release, and the newest.
func matrix() []kernel {
	at := func(name, suite, arch, pkg string) kernel {
		return kernel{Name: name + "-" + arch, Release: debian.Release{Suite: suite, Arch: arch}, Package: pkg + arch}
	}
	return []kernel{
		at("5.10", "bullseye-security", "amd64", "linux-image-cloud-"),
		at("6.1", "bookworm-security", "amd64", "linux-image-cloud-"),
		at("6.12", "bookworm-security", "amd64", "linux-image-6.12-cloud-"),
		at("newest", "trixie-backports", "amd64", "linux-image-cloud-"),
		at("6.12", "bookworm-security", "arm64", "linux-image-6.12-cloud-"),
	}
}

// choose returns the kernels of these names, or all where there are none.
func choose(all []kernel, names []string) ([]kernel, error) {
	if len(names) == 0 {
		return all, nil
	}
	var out []kernel
	for _, n := range names {
		i := slices.IndexFunc(all, func(k kernel) bool { return k.Name == n })
		if i < 0 {
			var known []string
			for _, k := range all {
				known = append(known, k.Name)
			}
			return nil, fmt.Errorf("kernel %q is not one of %s", n, strings.Join(known, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// architectures returns the architectures of the kernels, each once.
func architectures(kernels []kernel) []string {
	var out []string
	for _, k := range kernels {
		if !slices.Contains(out, k.Release.Arch) {
			out = append(out, k.Release.Arch)
		}
	}
	return out
}
