//go:build linux

package soak

import (
	"slices"

	"openarena/internal/testkit/process"
)

// Levels are what was held from a tenth to a fifth of the run, when it is warm, and in its last tenth. They are medians, so
// that a single garbage collection or reader does not count.
func (r *Report) Levels() (early, late process.Usage) {
	n := len(r.Samples)
	return level(r.Samples[n/10 : max(n/5, n/10+1)]), level(r.Samples[n-max(n/10, 1):])
}

func level(samples []Sample) process.Usage {
	var memory []int64
	var files, threads []int
	for _, s := range samples {
		memory, files, threads = append(memory, s.Anonymous), append(files, s.Files), append(threads, s.Threads)
	}
	return process.Usage{Anonymous: median(memory), Files: median(files), Threads: median(threads)}
}

func median[N int | int64](values []N) N {
	slices.Sort(values)
	return values[len(values)/2]
}
