package providers

import (
	"math"
	"sync"
)

// Gauge guesses how many tokens calls to one model may take, and learns from what they took. Its methods may be called by many
// goroutines at once.
type Gauge struct {
	mu     sync.Mutex
	seen   int64
	ratio  float64 // input tokens per byte of the messages
	strays float64 // by how much single calls differ from it, on average
	output int64   // the most tokens that one answer took
}

const (
	// A byte in three is a token: too many for English, about right for scripts of three bytes a letter.
	firstRatio = 1.0 / 3
	// messageBytes is what the form of a message weighs beside its text.
	messageBytes = 12
	// firstOutput is the longest answer where none is stated, until answers are seen.
	firstOutput = 1024
)

// Guess is how many tokens a request may take: its prompt, on the safe side, and its longest answer. The answer is as long as
// the request's params allow; else as the longest that was seen.
func (g *Gauge) Guess(r *Request) (prompt, answer int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	bytes, ratio := size(r), firstRatio
	if g.seen > 0 {
		ratio = g.ratio + 2*g.strays
	}
	prompt = int64(math.Ceil(ratio * float64(bytes)))
	if answer = LongestAnswer(r); answer == 0 {
		if answer = g.output; g.seen == 0 {
			answer = firstOutput
		}
	}
	return prompt, answer
}

// Learn notes what a request took.
func (g *Gauge) Learn(r *Request, u Usage) {
	bytes := size(r)
	if bytes == 0 || u.Input <= 0 {
		return
	}
	const follow = 1.0 / 16
	g.mu.Lock()
	defer g.mu.Unlock()
	ratio := float64(u.Input) / float64(bytes)
	if g.seen == 0 {
		g.ratio = ratio
	}
	g.seen++
	weight := max(follow, 1/float64(g.seen))
	g.strays += weight * (math.Abs(ratio-g.ratio) - g.strays)
	g.ratio += weight * (ratio - g.ratio)
	g.output = max(g.output, u.Output)
}

// size is how long a prompt is, in bytes, with something for the form of each message.
func size(r *Request) int {
	n := 0
	for _, m := range r.Messages {
		n += len(m.Content) + messageBytes
	}
	return n
}

// LongestAnswer is how many tokens the answer to a request may have at most, as its params say; 0: they do not.
func LongestAnswer(r *Request) int64 {
	for _, name := range []string{"max_completion_tokens", "max_tokens", "max_output_tokens", "num_predict"} {
		switch n := r.Params[name].(type) {
		case int64:
			return max(0, n)
		case int:
			return int64(max(0, n))
		case float64:
			if n > 0 && n < 1e15 {
				return int64(math.Ceil(n))
			}
		}
	}
	return 0
}
