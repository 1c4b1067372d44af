package debian

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// Mirror returns the address of the mirror that this machine takes its packages from, without the last folder, by apt's source
// files (sources.list(5)), or Debian's own where they name none.
func Mirror(files ...string) (string, error) {
	for _, name := range files {
		f, err := os.Open(name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("find the Debian mirror: %w", err)
		}
		found := ""
		for s := bufio.NewScanner(f); found == "" && s.Scan(); {
			found = mirrorIn(s.Text())
		}
		f.Close()
		if found != "" {
			return found, nil
		}
	}
	return "http://deb.debian.org", nil
}

// Sources are the files in which apt looks for mirrors on a Debian machine.
func Sources() []string {
	return []string{"/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"}
}

// mirrorIn returns the mirror that a line names, in either of apt's formats, or nothing.
func mirrorIn(line string) string {
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != "URIs:" && words[0] != "deb" {
		return ""
	}
	for _, w := range words[1:] {
		if base, ok := strings.CutSuffix(strings.TrimSuffix(w, "/"), "/debian"); ok && strings.Contains(base, "://") {
			return base
		}
	}
	return ""
}
