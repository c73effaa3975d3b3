package agreement

import "math"

// z95 is the 97.5th percentile of the normal distribution: 95 % lie within ±z95.
const z95 = 1.959963984540054

// Wilson is the 95 % interval of a rate of which k of n were seen,
//
//	(k + z²/2 ± z·√(k(n−k)/n + z²/4)) / (n + z²).
//
// Other than p ± z·√(p(1−p)/n) it stays within 0 and 1 and is sound for few n and for rates near the ends. False: n is 0.
//
// E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209–212.
func Wilson(k, n int64) (lower, upper float64, ok bool) {
	if n <= 0 {
		return 0, 0, false
	}
	lower, upper = wilson(float64(k), float64(n))
	if k == 0 {
		lower = 0 // which rounding may miss
	}
	if k == n {
		upper = 1
	}
	return lower, upper, true
}

// wilson is Wilson for shares that need not be whole.
func wilson(k, n float64) (lower, upper float64) {
	square := z95 * z95
	middle, half := k+square/2, z95*math.Sqrt(max(0, k*(n-k)/n)+square/4)
	return max(0, (middle-half)/(n+square)), min(1, (middle+half)/(n+square))
}
