package providers

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name   string
		header map[string]string
		want   time.Duration
	}{
		{"nothing", nil, 0},
		{"seconds", map[string]string{"Retry-After": "7"}, 7 * time.Second},
		{"seconds among blanks", map[string]string{"Retry-After": " 7 "}, 7 * time.Second},
		{"fractional seconds", map[string]string{"Retry-After": "0.25"}, 250 * time.Millisecond},
		{"an hour is not cut", map[string]string{"Retry-After": "3600"}, time.Hour},
		{"zero", map[string]string{"Retry-After": "0"}, 0},
		{"negative", map[string]string{"Retry-After": "-5"}, 0},
		{"garbage", map[string]string{"Retry-After": "soon"}, 0},
		{"not a number", map[string]string{"Retry-After": "NaN"}, 0},
		{"infinite", map[string]string{"Retry-After": "Inf"}, 0},
		{"more than a Duration can say", map[string]string{"Retry-After": "1e300"}, math.MaxInt64},
		{"a date", map[string]string{"Retry-After": "Fri, 02 Jan 2026 03:05:05 GMT"}, time.Minute},
		{"a date in the past", map[string]string{"Retry-After": "Fri, 02 Jan 2026 03:03:05 GMT"}, 0},
		{"a date of the other two HTTP forms", map[string]string{"Retry-After": "Fri Jan  2 03:04:15 2026"}, 10 * time.Second},
		{"a point in time, in seconds", map[string]string{"Retry-After": strconv.FormatInt(now.Unix()+3, 10)}, 3 * time.Second},
		{"milliseconds", map[string]string{"Retry-After-Ms": "1500"}, 1500 * time.Millisecond},
		{"both: the longer", map[string]string{"Retry-After-Ms": "1500", "Retry-After": "2"}, 2 * time.Second},
		{"unreadable milliseconds leave the seconds", map[string]string{"Retry-After-Ms": "x", "Retry-After": "2"}, 2 * time.Second},
		{"a counter at zero", map[string]string{"X-Ratelimit-Remaining-Tokens": "0", "X-Ratelimit-Reset-Tokens": "6m0s"}, 6 * time.Minute},
		{"a counter above zero", map[string]string{"X-Ratelimit-Remaining-Tokens": "1", "X-Ratelimit-Reset-Tokens": "6m0s"}, 0},
		{"a counter without a name", map[string]string{"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": strconv.FormatInt(now.UnixMilli()+1500, 10)}, 1500 * time.Millisecond},
		{"a counter of what has no limit", map[string]string{"X-Ratelimit-Limit-Requests": "-1", "X-Ratelimit-Remaining-Requests": "-1", "X-Ratelimit-Reset-Requests": "60"}, 0},
		{"of two counters only the empty one", map[string]string{
			"X-Ratelimit-Remaining-Requests": "9", "X-Ratelimit-Reset-Requests": "24h",
			"X-Ratelimit-Remaining-Tokens": "0", "X-Ratelimit-Reset-Tokens": "120ms"}, 120 * time.Millisecond},
		{"header and counter: the longer", map[string]string{"Retry-After": "1", "X-Ratelimit-Remaining-Requests": "0", "X-Ratelimit-Reset-Requests": "3s"}, 3 * time.Second},
		{"a reset as a date", map[string]string{"X-Ratelimit-Remaining-Requests": "0", "X-Ratelimit-Reset-Requests": "2026-01-02T03:04:10Z"}, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			for name, value := range c.header {
				h.Set(name, value)
			}
			if got := RetryAfter(h, now); got != c.want {
				t.Errorf("RetryAfter(%v) = %v; want %v", c.header, got, c.want)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"7", "0.5", "-1", "1e300", "Fri, 02 Jan 2026 03:05:05 GMT", "6m0s", "NaN", "0x1p10", "9999999999", "1e12"} {
		f.Add(s, s, s)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, seconds, millis, reset string) {
		h := http.Header{"Retry-After": {seconds}, "Retry-After-Ms": {millis},
			"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {reset}}
		got := RetryAfter(h, now)
		if got < 0 {
			t.Errorf("RetryAfter(%q) = %v; want no negative wait", h, got)
		}
		if n, err := strconv.ParseUint(seconds, 10, 20); err == nil && got < time.Duration(n)*time.Second {
			t.Errorf("RetryAfter(%q) = %v; want at least %d s", h, got, n)
		}
		if n, err := strconv.ParseUint(millis, 10, 40); err == nil && got < time.Duration(n)*time.Millisecond {
			t.Errorf("RetryAfter(%q) = %v; want at least %d ms", h, got, n)
		}
		if d, err := time.ParseDuration(reset); err == nil && got < d {
			t.Errorf("RetryAfter(%q) = %v; want at least %v", h, got, d)
		}
	})
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		n        int
		after    time.Duration
		from, to time.Duration
	}{
		{1, 0, 150 * time.Millisecond, 500 * time.Millisecond},
		{2, 0, 300 * time.Millisecond, time.Second},
		{5, 0, 2 * time.Second, 8 * time.Second},
		{8, 0, 20 * time.Second, time.Minute},
		{1000, 0, 20 * time.Second, time.Minute},
		{0, 0, 150 * time.Millisecond, 500 * time.Millisecond},
		{1, time.Hour, time.Hour, time.Hour},
		{8, time.Second, 19 * time.Second, time.Minute},
	} {
		drawn := map[time.Duration]bool{}
		for range 200 {
			d := Backoff(c.n, c.after)
			drawn[d] = true
			if d < c.from || d > c.to {
				t.Fatalf("Backoff(%d, %v) = %v; want %v to %v", c.n, c.after, d, c.from, c.to)
			}
		}
		if c.from != c.to && len(drawn) < 10 {
			t.Errorf("Backoff(%d, %v) gave %d different waits of 200; want them spread", c.n, c.after, len(drawn))
		}
	}
}
