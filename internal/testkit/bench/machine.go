//go:build linux

package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is what the figures were measured on, in a sentence.
func machine() string {
	return fmt.Sprintf("Measured on %d cores (%s), %s of memory, %s/%s, %s; client and server share the cores. Load average before: %s.",
		runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memory(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load())
}

// load is how busy the machine was with other work during the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}

// field is the text behind the first "name :" of a file under /proc; "unknown" if there is none.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown"
}

func memory() string {
	kb, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"))
	if err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%d GiB", (kb+1<<19)>>20)
}
