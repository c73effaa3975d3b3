package providers

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter is how long a server asks to be left alone, from the headers of its answer and the time they came in; 0 if it
// does not say or says something unreadable, negative or past. It reads Retry-After in seconds, fractions or as a date,
// Retry-After-Ms, and the reset of every x-ratelimit counter that stands at zero. Where several say something, the
// longest holds, so that no call is ever earlier than any of them allows. There is no upper limit.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	wait := max(
		span(h.Get("Retry-After-Ms"), time.Millisecond),
		moment(h.Get("Retry-After"), now),
	)
	const remaining = "X-Ratelimit-Remaining"
	for name, values := range h {
		counter, ok := strings.CutPrefix(name, remaining)
		if !ok || len(values) == 0 || !exhausted(values[0]) {
			continue
		}
		// Azure sends counters of 0 and -1 with limits of 0 and -1 where there is no limit.
		if limit := h.Get("X-Ratelimit-Limit" + counter); limit != "" && exhausted(limit) {
			continue
		}
		wait = max(wait, moment(h.Get("X-Ratelimit-Reset"+counter), now))
	}
	return wait
}

func exhausted(s string) bool {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil && n <= 0
}

// Numbers above these are points in time, not spans: 2001 in seconds and in milliseconds since 1970.
const (
	epochSeconds = 1e9
	epochMillis  = 1e12
)

// moment reads a span (seconds, or 6m0s) or a point in time (a date, or a number since 1970) as the wait from now.
func moment(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		switch {
		case n >= epochMillis && n < epochMillis*10:
			return max(0, time.UnixMilli(int64(n)).Sub(now))
		case n >= epochSeconds && n < epochSeconds*10:
			return max(0, time.UnixMilli(int64(n*1000)).Sub(now))
		}
		return span(s, time.Second)
	}
	if d, err := time.ParseDuration(s); err == nil {
		return max(0, d)
	}
	for _, parse := range []func(string) (time.Time, error){http.ParseTime, parseRFC3339} {
		if t, err := parse(s); err == nil {
			return max(0, t.Sub(now))
		}
	}
	return 0
}

func parseRFC3339(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) }

// span reads a number of units.
func span(s string, unit time.Duration) time.Duration {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 && n <= math.MaxInt64/int64(unit) {
		return time.Duration(n) * unit // exact, where a float would round large numbers down
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || math.IsInf(n, 0) {
		return 0
	}
	ns := math.Ceil(n * float64(unit))
	if ns >= math.MaxInt64 { // more than a Duration can say: 292 years
		return math.MaxInt64
	}
	return time.Duration(ns)
}
