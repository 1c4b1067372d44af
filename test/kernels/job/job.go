package job

import (
	"fmt"
	"strconv"
	"strings"
)

// File is where the machine finds its Job, in JSON.
const File = "/job.json"

// Job is what a virtual machine does before it is switched off.
type Job struct {
	Modules []string `json:"modules"` // files of kernel modules, loaded in this order
	Env     []string `json:"env"`
	// Commands are run one after the other, each a program and its arguments, whatever became of those before.
	Commands [][]string `json:"commands"`
}

const statusPrefix = "guest-status "

// StatusLine is the console's last line: 0, or that of the first program that did not end well.
func StatusLine(status int) string { return fmt.Sprintf("%s%d", statusPrefix, status) }

// Status reads a line of the console; ok says whether it is a status line.
func Status(line string) (status int, ok bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(line), statusPrefix)
	if !ok {
		return 0, false
	}
	status, err := strconv.Atoi(text)
	return status, err == nil
}
