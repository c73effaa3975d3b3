package pipeline

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// fixtures are battles of a few contestants over a few prompts, each once, in no order.
func fixtures(seed uint64, n int) (all []fixture) {
	r := rand.New(rand.NewPCG(seed, 1))
	for len(all) < n {
		b := newBattle(Side{ID{byte(r.IntN(5)), 9}, uint16(r.IntN(300))}, Side{ID{byte(5 + r.IntN(5)), 9}, uint16(r.IntN(3))})
		f := fixture{Hash{byte(r.IntN(7)), 15: 1}, b.A, b.B}
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

func TestBatchKeepsItsBattles(t *testing.T) {
	for _, n := range []int{0, 1, 2, 50, 400} {
		all := fixtures(uint64(n), n)
		want := slices.SortedFunc(slices.Values(all), fixture.compare)
		body := batchBody(all)
		got, err := parseBatch(body)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("parseBatch(batchBody()) of %d battles = %d battles, %v; want the same, sorted", n, len(got), err)
		}
		again := slices.Clone(want)
		slices.Reverse(again)
		if !slices.Equal(batchBody(again), body) {
			t.Errorf("the body of %d battles depends on their order", n)
		}
	}
}

func TestBrokenBatchesAreRefused(t *testing.T) {
	body := batchBody(fixtures(3, 40))
	whole, _ := parseBatch(body)
	for cut := range body {
		got, err := parseBatch(body[:cut])
		if err == nil && len(got) >= len(whole) {
			t.Errorf("parseBatch() of the first %d bytes = all %d battles; want an error, or fewer", cut, len(got))
		}
	}
	for what, body := range map[string][]byte{
		"nothing":                      {},
		"another version":              {2, 0},
		"more contestants than bytes":  {1, 255, 255, 255, 255, 15},
		"a contestant that is not one": append(append([]byte{1, 1}, make([]byte, idSize+hashSize)...), 1, 0, 0, 7, 0),
		"a sample that is none":        append(append([]byte{1, 1}, make([]byte, idSize+hashSize)...), 1, 0, 0x80, 0x80, 4, 0, 0),
		"more battles than bytes":      append(append([]byte{1, 1}, make([]byte, idSize+hashSize)...), 255, 255, 3),
	} {
		if got, err := parseBatch(body); err == nil {
			t.Errorf("%s: parseBatch() = %v; want an error", what, got)
		}
	}
}

func FuzzBatch(f *testing.F) {
	f.Add(batchBody(fixtures(1, 9)))
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := parseBatch(body)
		if err != nil {
			return
		}
		want := slices.SortedFunc(slices.Values(all), fixture.compare)
		if got, err := parseBatch(batchBody(all)); err != nil || !slices.Equal(got, want) {
			t.Errorf("what was read is not what is written: %v, %v", got, err)
		}
	})
}
