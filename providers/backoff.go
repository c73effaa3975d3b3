package providers

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	firstRepeat  = 500 * time.Millisecond
	longestPause = time.Minute
)

// Backoff is the wait before an item's n-th repeat, n counted from 1: half a second, doubled each time up to a minute, of
// which a random third to whole is taken so that calls that failed together do not return together. It is never
// shorter than after, what the server asked for.
func Backoff(n int, after time.Duration) time.Duration {
	d := min(firstRepeat<<min(max(n, 1)-1, 10), longestPause)
	const spread = 0.5
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Duration(float64(d)/(1+spread))), // so that the spread ends at d
		backoff.WithRandomizationFactor(spread),
		backoff.WithMaxElapsedTime(0),
	)
	return max(after, b.NextBackOff())
}

// doubling gives 1, 2, 4 … 60, 60 seconds, each changed at random by at most the share spread of itself.
func doubling(spread float64) *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Second),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(longestPause),
		backoff.WithRandomizationFactor(spread),
		backoff.WithMaxElapsedTime(0),
	)
}
