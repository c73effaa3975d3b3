//go:build linux

package soak

import "slices"

// Level is what a stretch of a run held: medians, so that a single garbage collection or reader does not count.
type Level struct {
	Anonymous int64
	Files     int
	Threads   int
}

// Levels are the stretch from a tenth to a fifth of the run and its last tenth: before, everything is still warming up.
func (r *Report) Levels() (early, late Level) {
	n := len(r.Samples)
	return level(r.Samples[n/10 : max(n/5, n/10+1)]), level(r.Samples[n-max(n/10, 1):])
}

func level(samples []Sample) Level {
	var memory []int64
	var files, threads []int
	for _, s := range samples {
		memory, files, threads = append(memory, s.Anonymous), append(files, s.Files), append(threads, s.Threads)
	}
	return Level{Anonymous: median(memory), Files: median(files), Threads: median(threads)}
}

func median[N int | int64](values []N) N {
	slices.Sort(values)
	return values[len(values)/2]
}
