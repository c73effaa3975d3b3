package pipeline

import "time"

// meterWindow is over how long a pace is taken: long enough to be calm, short enough to follow.
const meterWindow = 20 * time.Second

// meter tells the pace of numbers that only grow. Not safe for concurrent use.
type meter struct {
	samples []sample // oldest first, about a second apart
}

type sample struct {
	at time.Time
	n  int64
}

// pace takes a look at n and returns its growth per second of late; 0 while that is not known.
func (m *meter) pace(now time.Time, n int64) float64 {
	if len(m.samples) == 0 || now.Sub(m.samples[len(m.samples)-1].at) >= time.Second {
		m.samples = append(m.samples, sample{now, n})
	}
	for len(m.samples) > 2 && now.Sub(m.samples[0].at) > meterWindow {
		m.samples = m.samples[1:]
	}
	first := m.samples[0]
	since := now.Sub(first.at).Seconds()
	if since < 1 {
		return 0
	}
	return float64(n-first.n) / since
}
