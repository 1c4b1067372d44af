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
	Args    []string `json:"args"` // the program and its arguments
}

const statusPrefix = "guest-status "

// StatusLine is the console's last line: the status of the job's program.
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
