package doctor

import (
	"bufio"
	"os"
	"strings"
)

// compatCalls tells whether the kernel takes system calls of 32-bit programs: it then has functions of its own for them, which are in its
// list of symbols (__ia32_sys_* with CONFIG_IA32_EMULATION, __arm64_compat_sys_* with CONFIG_COMPAT).
func compatCalls(f files) string {
	const name = "/proc/kallsyms"
	file, err := os.Open(f.path(name))
	if err != nil {
		return f.text(name)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.Contains(lines.Text(), " __ia32_sys_mount") || strings.Contains(lines.Text(), " __arm64_compat_sys_") {
			return "taken: of 32-bit programs, starts, forks and ends are seen, their mounts, credentials and namespaces are not"
		}
	}
	return "not taken"
}
