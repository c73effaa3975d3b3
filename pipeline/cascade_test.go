package pipeline

import (
	"math"
	"math/rand/v2"
	"testing"

	"openarena/pipeline/judge"
)

// opined is what a judge makes of a battle whose truth is known, over both orders.
type opined uint8

const (
	rightTwice opined = iota
	flips             // whoever is shown first is better
	wrongTwice
)

// simulated is a cheap and a strong judge: what they make of the next battle.
type simulated func(dice *rand.Rand) (cheap, strong opined)

// The measured judges, on the 419 pairs of LLMBar: how often PaLM2 (cheap) and GPT-4 (strong) prefer the same answer in both
// orders, and how often that is the better one.
const (
	cheapConsistent, cheapRight   = 0.716, 0.783
	strongConsistent, strongRight = 0.928, 0.871
)

// byPosition are judges that err by position alone: each sees how much better an answer is, which is normally distributed, and
// adds something to the one that is shown first, so much that its consistency is the measured one. Who is consistent is right.
func byPosition(dice *rand.Rand) (cheap, strong opined) {
	gap := math.Abs(dice.NormFloat64())
	see := func(consistent float64) opined {
		if bias := math.Sqrt2 * math.Erfinv(1-consistent); gap < bias {
			return flips
		}
		return rightTwice
	}
	return see(cheapConsistent), see(strongConsistent)
}

// asMeasured are judges with the measured consistencies and accuracies. Strong errs more often where Cheap does: in the
// recorded replies GPT-4 was right in 96 % of those on pairs of which PaLM2 was right in both orders, in 91 % where PaLM2
// flipped, and in 60 % where it was wrong in both (23 to 83 replies each, so uncertain). The three are moved alike in logits so
// that its accuracy in all is the measured one. That it flips is taken to be as likely everywhere.
func asMeasured(dice *rand.Rand) (cheap, strong opined) {
	draw := func(right, wrong float64) opined {
		switch u := dice.Float64(); {
		case u < right:
			return rightTwice
		case u < right+wrong:
			return wrongTwice
		}
		return flips
	}
	cheap = draw(cheapConsistent*cheapRight, cheapConsistent*(1-cheapRight))
	accuracy := [...]float64{rightTwice: 0.940, flips: 0.860, wrongTwice: 0.466}[cheap]
	const half = (1 - strongConsistent) / 2
	return cheap, draw(accuracy-half, 1-accuracy-half)
}

// TestCascadeSavesStrongCalls runs the product's own panel over simulated battles, and holds the calls of the strong judge and
// the agreement with the truth (a tie agrees by half) against those of the strong judge alone.
//
// Where judges err by position only, the cascade is as good as the strong judge, for 72 % fewer of its calls. With the measured
// accuracies it is 4 points worse, for the same saving: a cheap judge that is wrong in both orders looks sure, and nobody asks
// on. Then the calls go at least where they help most: to be as good with calls spent on battles picked by chance, the strong
// judge would have to see two and a half times as many.
func TestCascadeSavesStrongCalls(t *testing.T) {
	const battles = 10_000
	for _, test := range []struct {
		name        string
		judges      simulated
		saved       float64 // share of the strong judge's calls, at least
		lost        [2]float64
		savedChance float64 // of the calls that chance would need for the same agreement, at least
	}{
		{"they err by position alone", byPosition, 0.70, [2]float64{-1e-9, 1e-9}, 0.70},
		{"as measured on pairs that are made to mislead", asMeasured, 0.70, [2]float64{0.03, 0.05}, 0.58},
	} {
		dice := rand.New(rand.NewPCG(5, 4))
		arena := panelOf(t, "Cheap Strong", "panel: {mode: cascade}")
		cascade, strongOnly, cheapOnly := arena.pairing(), panelOf(t, "Strong", "").pairing(), panelOf(t, "Cheap", "").pairing()
		var agreed, agreedStrong, agreedCheap, calls float64
		s, _ := twoSheet(arena, nil)
		for range battles {
			cheap, strong := test.judges(dice)
			points, asked := play(s, cascade, cheap, strong)
			agreed, calls = agreed+points, calls+float64(asked)/2
			points, _ = play(s, strongOnly, strong)
			agreedStrong += points
			points, _ = play(s, cheapOnly, cheap)
			agreedCheap += points
		}
		saved, lost := 1-calls/battles, (agreedStrong-agreed)/battles
		chance := (agreed - agreedCheap) / (agreedStrong - agreedCheap) // share of battles that Strong would have to see
		savedChance := 1 - calls/battles/chance
		t.Logf("%s: %.1f %% of strong calls saved; agreement cascade %.1f %%, strong %.1f %%, cheap %.1f %%; against chance %.1f %% saved",
			test.name, 100*saved, 100*agreed/battles, 100*agreedStrong/battles, 100*agreedCheap/battles, 100*savedChance)
		if saved < test.saved || lost < test.lost[0] || lost > test.lost[1] || savedChance < test.savedChance {
			t.Errorf("%s: %.3f saved, %.3f of agreement lost, %.3f saved against chance; want at least %v, %v, at least %v",
				test.name, saved, lost, savedChance, test.saved, test.lost, test.savedChance)
		}
	}
}

// play has a panel judge a battle: whoever is wanted says its opinion, until nobody is. It returns the points of the better
// answer, and how often the last judge was asked.
func play(s *sheet, p *pairing, outcomes ...opined) (points float64, asked int) {
	b := p.of(s.Prompt)[0]
	s.keys, s.verdicts, s.next = s.keys[:0], s.verdicts[:0], 0
	both := texts(s.answers[0].Digest, s.answers[1].Digest)
	for missing := true; missing; {
		missing = false
		for _, w := range p.judgments(s, b) {
			key := w.key(&s.wanted, b, both)
			if s.has(key) {
				continue
			}
			missing = true
			level := [...]int{rightTwice: 1, flips: 1, wrongTwice: -1}[outcomes[w.judge.Place]]
			if w.order == 1 && outcomes[w.judge.Place] != flips {
				level = -level
			}
			s.judge(key, verdict{Verdict: judge.Verdict{State: judge.Decided, Level: level}, Attempts: 1})
			if w.judge.Place == len(outcomes)-1 {
				asked++
			}
		}
	}
	return p.battleMargins(s, b).points("win"), asked
}
