package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fourModels is an arena without a server; JUDGING stands for the judging section.
const fourModels = `models: [{name: A, model_id: a}, {name: B, model_id: b}, {name: C, model_id: c, samples: SAMPLES}, {name: D, model_id: d}]
judges: [{name: J, model_id: j}, {name: K, model_id: a}]
judging: {JUDGING}
datasets: [{path: prompts.jsonl}]
`

func fourArena(t *testing.T, judging string, samples int, trial Trial) *Arena {
	t.Helper()
	return parseArena(t, t.TempDir(), strings.NewReplacer("JUDGING", judging, "SAMPLES", fmt.Sprint(samples)).Replace(fourModels), trial)
}

// names are the battles in letters, as "AB", a sample but the first as "AC1".
func names(a *Arena, battles []battle) []string {
	var all []string
	for _, b := range battles {
		x, y := a.byID[b.A.Contestant].Name, a.byID[b.B.Contestant].Name
		kx, ky := b.A.Sample, b.B.Sample
		if x > y {
			x, y, kx, ky = y, x, ky, kx
		}
		if k := max(kx, ky); k > 0 {
			y += fmt.Sprint(k)
		}
		all = append(all, x+y)
	}
	slices.Sort(all)
	return all
}

func TestPairing(t *testing.T) {
	only := Trial{Models: map[string]bool{"D": true}}
	for _, test := range []struct {
		name, judging string
		samples       int
		trial         Trial
		want          string
	}{
		{"all meet all", "pairs: all", 1, Trial{}, "AB AC AD BC BD CD"},
		{"each meets its neighbours in a circle", "pairs: circular", 1, Trial{}, "AB AD BC CD"},
		{"all meet the baseline", "pairs: {baseline: B}", 1, Trial{}, "AB BC BD"},
		{"samples meet, the only one of a side more than once", "pairs: {baseline: C}", 2, Trial{}, "AC AC1 BC BC1 CD CD1"},
		{"a trial of one model has its battles only", "pairs: all", 1, only, "AD BD CD"},
		{"a trial that the baseline is not in keeps its battles with it", "pairs: {baseline: B}", 1, only, "BD"},
		{"more random pairs than there are: all", "pairs: {random: 99}", 1, Trial{}, "AB AC AD BC BD CD"},
	} {
		a := fourArena(t, test.judging, test.samples, test.trial)
		if got := strings.Join(names(a, a.pairing().of(Hash{1})), " "); got != test.want {
			t.Errorf("%s: %s; want %s", test.name, got, test.want)
		}
	}
}

func TestRandomPairsAreAFunctionOfThePrompt(t *testing.T) {
	whole := fourArena(t, "pairs: {random: 2}", 1, Trial{})
	trial := fourArena(t, "pairs: {random: 2}", 1, Trial{Models: map[string]bool{"D": true}})
	seen := map[string]int{}
	for i := range 300 {
		h := sum[Hash](fmt.Append(nil, i))
		drawn := names(whole, whole.pairing().of(h))
		if len(drawn) != 2 || drawn[0] == drawn[1] {
			t.Fatalf("prompt %s has the battles %v; want two different ones", h, drawn)
		}
		if again := names(whole, whole.pairing().of(h)); !slices.Equal(again, drawn) {
			t.Fatalf("prompt %s has the battles %v, then %v", h, drawn, again)
		}
		for _, b := range names(trial, trial.pairing().of(h)) {
			if !slices.Contains(drawn, b) || !strings.Contains(b, "D") {
				t.Fatalf("the trial of D has battle %s for prompt %s; the whole has %v", b, h, drawn)
			}
		}
		for _, b := range drawn {
			seen[b]++
		}
	}
	for _, b := range []string{"AB", "AC", "AD", "BC", "BD", "CD"} {
		if seen[b] < 60 || seen[b] > 140 {
			t.Errorf("%s was drawn %d times in 300 prompts; want about 100", b, seen[b])
		}
	}
}

func TestJudgmentsOfABattle(t *testing.T) {
	for _, test := range []struct {
		name, judging string
		// of battle AB and of BC: judges with the model shown first
		ab, bc string
	}{
		{"both orders; a judge skips its own model's battle", "orders: both", "J:A J:B", "J:B J:C K:B K:C"},
		{"a judge may judge itself if told so", "skip_own_model: false", "J:A J:B K:A K:B", "J:B J:C K:B K:C"},
		{"fixed: the earlier in the file is shown first", "orders: fixed", "J:A", "J:B K:B"},
	} {
		a := fourArena(t, test.judging, 1, Trial{})
		p := a.pairing()
		for _, pair := range []struct{ name, want string }{{"AB", test.ab}, {"BC", test.bc}} {
			if got := shown(a, p, Hash{1}, pair.name); got != pair.want {
				t.Errorf("%s: %s is judged as %s; want %s", test.name, pair.name, got, pair.want)
			}
		}
	}
	random := fourArena(t, "orders: random", 1, Trial{})
	first := map[string]int{}
	for i := range 200 {
		h := sum[Hash](fmt.Append(nil, i))
		got := shown(random, random.pairing(), h, "BC")
		if again := shown(random, random.pairing(), h, "BC"); again != got {
			t.Fatalf("the random order of prompt %s is %s, then %s", h, got, again)
		}
		first[strings.Fields(got)[0]]++
	}
	if first["J:B"] < 70 || first["J:C"] < 70 {
		t.Errorf("in 200 prompts J was shown %v first; want about half each", first)
	}
}

// shown lists who judges a battle, and which model is shown first.
func shown(a *Arena, p *pairing, h Hash, name string) string {
	var all []string
	for _, b := range p.of(h) {
		if names(a, []battle{b})[0] != name {
			continue
		}
		for _, w := range p.judgments(newSheet(h), b) {
			side := b.A
			if w.order == 1 {
				side = b.B
			}
			all = append(all, w.judge.Name+":"+a.byID[side.Contestant].Name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
