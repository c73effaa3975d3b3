package pipeline

import (
	"cmp"
	"context"
	"math"
	"unicode/utf8"

	"openarena/configs"
	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// What a plan's tokens are reckoned from.
const (
	fromCalls   = "calls"   // what calls took so far
	fromLengths = "lengths" // prompts, the judge's question and max_tokens: nothing was called yet
)

// Range is from where to where a number may be.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func (r *Range) add(o Range) {
	r.Low += o.Low
	r.High += o.High
}

// spread is a mean of single values with their standard deviation.
type spread struct {
	n, mean float64
	m2      float64 // sum of squared distances from the mean
}

// see takes one value in, by Welford's method.
func (s *spread) see(v float64) {
	s.n++
	d := v - s.mean
	s.mean += d / s.n
	s.m2 += d * (v - s.mean)
}

// sum is where the sum of k values to come will most likely be, for a mean over n values seen: two standard errors of the
// prediction to each side. With fewer than two values seen they are taken to scatter as widely as they are large.
func (s spread) sum(mean float64, n, k int64) Range {
	deviation := mean
	if s.n > 1 {
		deviation = math.Sqrt(s.m2 / (s.n - 1))
	}
	calls := float64(k)
	off := 2 * deviation * math.Sqrt(calls*(1+calls/math.Max(1, float64(n))))
	return Range{math.Floor(math.Max(0, calls*mean-off)), math.Ceil(calls*mean + off)}
}

// experience is what calls and texts of one model were like.
type experience struct{ input, output, text spread }

// mostSampled is how many records tell how values scatter: they come in the order of hashes, so that the first are as good as any.
const mostSampled = 4000

// sampled is what a plan knows of texts and tokens, from the first records of each kind.
type sampled struct {
	answers, replies map[ID]*experience
	prompts          [][]providers.Message
}

// sampleOf looks at the first records of each kind.
func sampleOf(ctx context.Context, r store.Reader) (s sampled, err error) {
	s = sampled{answers: map[ID]*experience{}, replies: map[ID]*experience{}}
	seen := 0
	for rec, err := range r.Scan(ctx, store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			return s, err
		}
		key, err := parseAnswerKey(rec.Key)
		if err == nil {
			err = note(s.answers, key.Contestant, rec)
		}
		if seen++; err != nil || seen >= mostSampled {
			break
		}
	}
	seen = 0
	for rec, err := range r.Scan(ctx, store.Judgments, store.Range{}, store.WithBody) {
		if err != nil {
			return s, err
		}
		if len(rec.Key) == verdictSize+1 {
			key, err := parseVerdictKey(rec.Key[:verdictSize])
			if err == nil {
				err = note(s.replies, key.Judge, rec)
			}
			if err != nil {
				return s, err
			}
		}
		if seen++; seen >= mostSampled {
			break
		}
	}
	s.prompts, err = samplePrompts(ctx, r)
	return s, err
}

func note(of map[ID]*experience, id ID, rec store.Record) error {
	said, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return err
	}
	x := of[id]
	if x == nil {
		x = &experience{}
		of[id] = x
	}
	x.text.see(float64(promptTokens([]providers.Message{{Content: said.Text}})))
	if said.Flags&flagFile == 0 {
		x.input.see(float64(said.Usage.Input))
		x.output.see(float64(said.Usage.Output))
	}
	return nil
}

// fewPrompts are enough to know how long prompts are.
const fewPrompts = 500

func samplePrompts(ctx context.Context, r store.Reader) (few [][]providers.Message, err error) {
	for rec, err := range r.Scan(ctx, store.Prompts, store.Range{}, store.KeyOnly) {
		if err != nil {
			return nil, err
		}
		messages, err := readPrompt(ctx, r, Hash(rec.Key))
		if err != nil {
			return nil, err
		}
		if few = append(few, messages); len(few) == fewPrompts {
			break
		}
	}
	return few, nil
}

const (
	// leastAnswer is the part of the longest answer that the shortest is reckoned to have, where nothing was seen.
	leastAnswer = 1.0 / 20
	// leastVerdict is how many tokens a judge writes at least.
	leastVerdict = 16
	// mostLetters is how many letters a token has at most, on average.
	mostLetters = 5
)

// lengths are how many tokens messages have, from where to where, by their letters.
func lengths(messages []providers.Message) Range {
	letters := 0
	for _, m := range messages {
		letters += utf8.RuneCountInString(m.Content)
	}
	return Range{float64(letters) / mostLetters, float64(promptTokens(messages))}
}

// over is the range of each of n, where r is that of all.
func (r Range) over(n int) Range {
	return Range{r.Low / math.Max(1, float64(n)), r.High / math.Max(1, float64(n))}
}

// guess is what one call may take of which nothing is known but what is sent: tokens in and out.
type guess struct{ input, output Range }

// answerGuess reckons an answer from the prompts and max_tokens.
func (s sampled) answerGuess(m configs.Model) guess {
	var tokens Range
	for _, messages := range s.prompts {
		tokens.add(lengths(withSystem(m.System, messages)))
	}
	return guess{tokens.over(len(s.prompts)), outputGuess(m)}
}

func outputGuess(m configs.Model) Range {
	longest := float64(cmp.Or(providers.LongestAnswer(&providers.Request{Params: m.Params}), providers.UnstatedAnswer(m.Endpoint.Kind), unboundedOutput))
	return Range{leastAnswer * longest, longest}
}

// judgeGuess reckons a judgment from the judge's question and how long answers are, or may be.
func (s sampled) judgeGuess(a *Arena, j *Judge) guess {
	var question Range
	few := s.prompts[:min(len(s.prompts), 50)]
	for _, messages := range few {
		asked := j.ask(judge.Case{Messages: messages})
		question.add(lengths(withSystem(j.System, asked.Messages)))
	}
	input := question.over(len(few))
	shown := 2.0
	if j.alone {
		shown = 1
	}
	var answers Range
	for i := range a.Contestants {
		answers.add(s.lengthOf(&a.Contestants[i]))
	}
	share := shown / math.Max(1, float64(len(a.Contestants)))
	input.add(Range{share * answers.Low, share * answers.High})
	output := outputGuess(j.Model)
	output.Low = math.Min(output.Low, leastVerdict)
	return guess{input, output}
}

// lengthOf is how many tokens an answer of a contestant has.
func (s sampled) lengthOf(c *Contestant) Range {
	if x := s.answers[c.ID]; x != nil {
		return Range{x.text.mean * 3 / mostLetters, x.text.mean} // three letters a token, or five
	}
	return outputGuess(c.Model)
}

// together is what is known of a judge under all its identities.
func (s sampled) together(of map[ID]*experience, ids []ID) (x experience) {
	for _, id := range ids {
		if one := of[id]; one != nil {
			x.input.merge(one.input)
			x.output.merge(one.output)
		}
	}
	return x
}

// merge adds the values that another spread has seen.
func (s *spread) merge(o spread) {
	if o.n == 0 {
		return
	}
	n, d := s.n+o.n, o.mean-s.mean
	s.m2 += o.m2 + d*d*s.n*o.n/n
	s.mean += d * o.n / n
	s.n = n
}
