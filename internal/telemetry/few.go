package telemetry

import "sync"

// few bounds how many values a label takes: each is a series for ever. Those beyond the first most are "other".
type few struct {
	most int

	mu   sync.RWMutex
	seen map[string]string // label by text
}

func (f *few) label(text string) string {
	f.mu.RLock()
	l, ok := f.seen[text]
	full := len(f.seen) >= f.most
	f.mu.RUnlock()
	switch {
	case ok:
		return l
	case full:
		return "other"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[string]string{}
	}
	if len(f.seen) >= f.most {
		return "other"
	}
	f.seen[text] = label(text)
	return f.seen[text]
}
