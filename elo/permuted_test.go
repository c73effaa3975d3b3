package elo

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
)

// The references are means of 200 orders themselves, so both err: ours hardly in `make rating`.
func TestPermutedAgainstPublished(t *testing.T) {
	const theirs = 200
	orders := 50
	if os.Getenv("OPENARENA_RATING") != "" {
		orders = 4000
	}
	for name, set := range published(t) {
		want, known := set.Methods["elo_k32_permuted_mean"]
		if !known {
			continue
		}
		t.Run(name, func(t *testing.T) {
			got, err := Permuted(len(set.names), set.battles, Elo{K: 32}, orders, 1)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range got {
				mean, sd := want.Ratings[set.names[i]], want.SD[set.names[i]]
				if most := 4 * sd * math.Sqrt(1/float64(orders)+1./theirs); math.Abs(s.Mean-mean) > most {
					t.Errorf("%s: mean %.2f; want %.2f within %.2f", set.names[i], s.Mean, mean, most)
				}
				if math.Abs(s.SD/sd-1) > 0.5 {
					t.Errorf("%s: sd %.1f; want %.1f", set.names[i], s.SD, sd)
				}
			}
		})
	}
}

func TestPermuted(t *testing.T) {
	battles := random(rand.New(rand.NewPCG(1, 2)), 5, 100, 10)
	want, err := Permuted(5, battles, Elo{}, 9, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got, _ := Permuted(5, battles, Elo{}, 9, 3); !slices.Equal(got, want) {
		t.Error("one core finds other means")
	}
	sum := 0.0
	for _, s := range want {
		sum += s.Mean
	}
	if math.Abs(sum-5000) > 1e-6 {
		t.Errorf("the means sum to %v; want 5000, as every order does", sum)
	}
	once, _ := Permuted(5, battles[:1], Elo{}, 4, 1)
	if one, _ := Sequential(5, slices.Values(battles[:1]), Elo{}); once[battles[0].A].Mean != one[battles[0].A] || once[0].SD != 0 {
		t.Error("of one battle there is one order")
	}
	for _, bad := range []int{0, -1} {
		if _, err := Permuted(5, battles, Elo{}, bad, 1); err == nil {
			t.Errorf("%d orders are no error", bad)
		}
	}
	if _, err := Permuted(5, []Battle{{A: 1, B: 1, Weight: 1}}, Elo{}, 2, 1); err == nil {
		t.Error("a battle with itself is no error")
	}
}

func TestSpreadByDefinition(t *testing.T) {
	if got, want := spreadOf([][]float64{{0, 1}, {0, 2}, {0, 6}}, 1), (Spread{3, math.Sqrt(7)}); math.Abs(got.Mean-want.Mean) > 1e-12 || math.Abs(got.SD-want.SD) > 1e-12 {
		t.Errorf("spread %+v; want %+v", got, want)
	}
	if got := spreadOf([][]float64{{5}}, 0); got != (Spread{Mean: 5}) {
		t.Errorf("of one order it is %+v; want no deviation", got)
	}
}
