package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cleanPaths makes paths absolute, since they are the names of logs in the state file.
func cleanPaths(paths []string) ([]string, error) {
	var out []string
	var errs []error
	for _, p := range paths {
		_, err := filepath.Match(p, "")
		if err == nil {
			p, err = filepath.Abs(p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("follow %s: %w", p, err))
		}
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// findLogs returns the logs that paths lead to, in order of name: those that are named, whether they are there or not, and what
// is there in directories and by patterns.
func findLogs(paths []string, backup func(string) (Name, bool)) []string {
	isLog := func(path string) bool {
		name := filepath.Base(path)
		_, put := backup(name)
		return !put && !strings.HasPrefix(name, ".") && !slices.Contains(archives, filepath.Ext(name))
	}
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err == nil && info.IsDir():
			out = append(out, logsIn(p, isLog)...)
		case err != nil && isPattern(p):
			matches, _ := filepath.Glob(p) // New checked it
			for _, m := range matches {
				if info, err := os.Stat(m); err == nil && info.Mode().IsRegular() && isLog(m) {
					out = append(out, m)
				}
			}
		default:
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// archives are what names of files end in that no program appends lines to.
var archives = []string{".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip", ".tmp"}

func isPattern(path string) bool { return strings.ContainsAny(path, `*?[`) }

// Bounds of the search of a directory.
const (
	maxDirDepth   = 8
	maxDirEntries = 100_000
)

// logsIn returns the logs in a directory and those below it.
func logsIn(root string, isLog func(string) bool) (out []string) {
	entries := 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if entries++; entries > maxDirEntries {
			return fs.SkipAll
		}
		deep := strings.Count(path[len(root):], string(filepath.Separator)) > maxDirDepth
		switch {
		case err != nil:
			return nil // not there any more, or not for us
		case d.IsDir() && path != root && (deep || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.Type().IsRegular() && isLog(path):
			out = append(out, path)
		}
		return nil
	})
	return out
}
