package judge

import "sync"

// suspected remembers the flags of the answers that were looked at last. Each answer is in many judgments that are made at about the
// same time, and looking costs more than all else that a verdict takes.
var suspected = flagged{by: map[string][]string{}}

const (
	mostFlagged    = 128
	longestFlagged = 64 << 10 // bytes; longer answers are looked at each time
)

// flagged holds texts with their flags, and forgets all of them when it is full.
type flagged struct {
	mu sync.Mutex
	by map[string][]string
}

// flags are those that look gives to a text; the caller does not change them.
func (f *flagged) flags(text string, look func(string) []string) []string {
	if len(text) > longestFlagged {
		return look(text)
	}
	f.mu.Lock()
	flags, known := f.by[text]
	f.mu.Unlock()
	if known {
		return flags
	}
	flags = look(text)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.by) >= mostFlagged {
		clear(f.by)
	}
	f.by[text] = flags
	return flags
}
