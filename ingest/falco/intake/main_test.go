package intake

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain wants nothing of this package to run when all tests are over.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftRunning(); code == 0 && left != "" {
		fmt.Println("still running:\n" + left)
		code = 1
	}
	os.Exit(code)
}

// leftRunning returns the goroutines of this package, but for this one, that do not end within seconds.
func leftRunning() (left string) {
	for range 100 {
		left = ""
		buf := make([]byte, 1<<20)
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "falco/intake.") && !strings.Contains(g, "TestMain") {
				left += g + "\n\n"
			}
		}
		if left == "" {
			return ""
		}
		time.Sleep(20 * time.Millisecond) // goroutines of net/http and grpc end when they come to it
	}
	return left
}
