package agreement

import "math"

// Each bin of a Histogram is 2 % wider than the one before it; the first begins at 1, the last holds all above 4·10¹³.
const (
	histogramBins = 1 + 1583
	histogramStep = 0.019802627296179713 // ln 1.02
)

// Histogram keeps a stream of positive numbers, such as milliseconds, in bins that are 2 % wide: percentiles of it are off by
// 1 % at most. Its zero value has none.
type Histogram struct {
	bins [histogramBins]int64 // the first: below 1
	n    int64
}

// Add counts x.
func (h *Histogram) Add(x float64) {
	bin := 0
	if x >= 1 {
		bin = min(1+int(math.Log(x)/histogramStep), histogramBins-1)
	}
	h.bins[bin]++
	h.n++
}

// N is how many there are.
func (h *Histogram) N() int64 { return h.n }

// Percentile is the least number that at least p of them do not exceed, 0 < p ≤ 1, within 1 %; 0 if it is below 1.
// False: there are none.
func (h *Histogram) Percentile(p float64) (float64, bool) {
	if h.n == 0 {
		return 0, false
	}
	left := int64(math.Ceil(p * float64(h.n)))
	for bin, n := range h.bins {
		if left -= n; left <= 0 {
			return middle(bin), true
		}
	}
	return middle(histogramBins - 1), true
}

// middle is the geometric mean of a bin's ends.
func middle(bin int) float64 {
	if bin == 0 {
		return 0
	}
	return math.Exp((float64(bin) - 0.5) * histogramStep)
}
