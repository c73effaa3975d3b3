package fakellm

import (
	"fmt"
	"math"
	"slices"
)

// likely is a letter that a judge may say, and how likely it is.
type likely struct {
	letter byte
	p      float64
}

// letters are A, B and C for a tie, the likeliest first: the clearer a battle, the surer the judge.
func (v verdict) letters() []likely {
	d := float64(v.first - v.second + positionBias)
	tie := 0.5 * math.Exp(-math.Abs(d)/20)
	a := (1 - tie) / (1 + math.Exp(-d/20))
	all := []likely{{'A', a}, {'B', 1 - tie - a}, {'C', tie}}
	slices.SortStableFunc(all, func(x, y likely) int {
		if x.p > y.p {
			return -1
		}
		return 1
	})
	return all
}

// appendLogprobs appends what OpenAI's servers say of a reply of one token.
func (v verdict) appendLogprobs(dst []byte) []byte {
	all := v.letters()
	dst = fmt.Appendf(dst, `{"content":[{"token":"%c","logprob":%.6f,"top_logprobs":[`, all[0].letter, math.Log(all[0].p))
	for i, l := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `{"token":"%c","logprob":%.6f}`, l.letter, max(-9999, math.Log(l.p)))
	}
	return append(dst, "]}]}"...)
}
