package fakehub

import (
	"fmt"
	"net/http"
	"time"
)

// limit is a rate limit: so many requests in a window that begins with the first.
type limit struct {
	quota  int
	window time.Duration
	used   int
	began  time.Time
}

// Limit sets how many requests of a bucket (api, or resolvers for files) are answered in a window of time.
func (h *Hub) Limit(bucket string, quota int, window time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits[bucket] = &limit{quota: quota, window: window}
}

// admit counts a request and tells, in its headers, what is left. It answers 429 if that is nothing.
func (h *Hub) admit(w http.ResponseWriter, bucket string) bool {
	h.mu.Lock()
	l, now := h.limits[bucket], time.Now()
	if l.used == 0 || now.Sub(l.began) >= l.window {
		l.began, l.used = now, 0
	}
	l.used++
	left, seconds := max(0, l.quota-l.used), int((l.window-now.Sub(l.began)+time.Second-1)/time.Second)
	ok := l.used <= l.quota
	h.mu.Unlock()
	w.Header().Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, bucket, left, seconds))
	w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"fixed window";"%s";q=%d;w=%d`, bucket, l.quota, int(l.window/time.Second)))
	if !ok {
		fail(w, http.StatusTooManyRequests, "", "We had to rate limit your IP. To continue using our service, create a HF account or login to your existing account.")
	}
	return ok
}
