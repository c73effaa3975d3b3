package fakellm

import (
	"math"
	"math/rand/v2"
	"time"
)

// Options say what a server is like. The zero value answers every model at once, without faults.
type Options struct {
	Seed           uint64   // of faults and delays; answers do not depend on it
	Models         []string // what GET /v1/models lists; others get 404. Empty: every name is a model
	Key            string   // bearer key that calls must carry, else 401; empty: none asked
	AnswerBytes    int      // of a contestant's answer; 0: 2,000
	MaxChars       int      // of all messages together; above it 400 context_length_exceeded; 0: no limit
	Slots          int      // calls worked on at once; 0: no limit
	Refuse         bool     // a call that finds no free slot gets 429 at once; otherwise it queues
	NoSchema       bool     // response_format json_schema gets 400 that names response_format
	NoObject       bool     // the same of json_object
	NoLogprobs     bool     // replies come without logprobs, whoever asks for them
	RefuseLogprobs bool     // a call that asks for logprobs gets 400 that names them
	BrokenModel    string   // this model always answers 500
	Loading        int      // the first calls get 503 "Loading model"

	Taste
	Latency Latency
	Faults  Faults

	// Hooks, each optional, called from many goroutines with the count since start or reset. They must not block.
	OnArrive  func(n int64) // a chat request has been read
	OnReplied func(n int64) // a whole answer has been handed to the kernel
}

// Latency is how long a call holds its slot.
type Latency struct {
	Mean  time.Duration `json:"mean"`  // nanoseconds in JSON; 0: none
	Sigma float64       `json:"sigma"` // of a lognormal spread around Mean; 0: always Mean
}

// draw returns one latency.
func (l Latency) draw(dice *rand.Rand) time.Duration {
	if l.Mean <= 0 || l.Sigma <= 0 {
		return l.Mean
	}
	mu := math.Log(float64(l.Mean)) - l.Sigma*l.Sigma/2 // so that the mean of the lognormal is Mean
	return time.Duration(math.Exp(mu + l.Sigma*dice.NormFloat64()))
}

// Faults are shares of calls, from 0 to 1. All but BadVerdict are drawn anew each time a request is asked; BadVerdict
// belongs to the request alone, so that what a judge finally says does not depend on how often it was asked.
type Faults struct {
	TooMany    float64       `json:"too_many"`    // 429
	RetryAfter time.Duration `json:"retry_after"` // told with a 429; nanoseconds in JSON; 0: not told
	Internal   float64       `json:"internal"`    // 500
	Cut        float64       `json:"cut"`         // the connection ends inside the body
	Malformed  float64       `json:"malformed"`   // a whole body that is not JSON
	BadVerdict float64       `json:"bad_verdict"` // a judge's reply without a verdict
}

type fault uint8

const (
	noFault fault = iota
	tooMany
	internalError
	cutBody
	malformedBody
)

// draw picks at most one fault of the transport.
func (f Faults) draw(dice *rand.Rand) fault {
	u := dice.Float64()
	for _, one := range []struct {
		share float64
		fault fault
	}{{f.TooMany, tooMany}, {f.Internal, internalError}, {f.Cut, cutBody}, {f.Malformed, malformedBody}} {
		if u < one.share {
			return one.fault
		}
		u -= one.share
	}
	return noFault
}

// dice are the same for the same seed, request and number of times it was asked.
func dice(seed uint64, key Key, asked uint32) *rand.Rand {
	return rand.New(rand.NewPCG(seed^key.word(0), key.word(1)+uint64(asked)))
}
