package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/pipeline/rating"
)

// publishedRatings are what the expected files hold for one set of battles.
type publishedRatings struct {
	Battles, Models int
	Weak            int      `json:"weak_components"`
	Outside         []string `json:"models_outside_largest"`
	Methods         map[string]struct {
		Ratings, Lower, Upper map[string]float64
		Rank                  map[string]int
		Coefficient           float64 `json:"coef"`
		SE                    float64 `json:"coef_se"`
	}
}

// publishedSet reads a file beside published battles.
func publishedSet(t *testing.T, name string, into any) (battles string) {
	t.Helper()
	dir, err := filepath.Abs("../../elo/testdata")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, name+".expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name+".jsonl")
}

// rateBattles rates a file with the real program.
func rateBattles(t *testing.T, file string, flags ...string) *rating.Leaderboard {
	t.Helper()
	var board rating.Leaderboard
	out := bareFolder(t).openarena(append([]string{"rate", "--battles", file, "--json"}, flags...)...)
	if err := json.Unmarshal([]byte(out), &board); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return &board
}

// near fails unless a number of every model is the published one.
func near(t *testing.T, what string, board *rating.Leaderboard, number func(*rating.Rating) *float64, want map[string]float64) {
	t.Helper()
	if len(want) == 0 || len(board.Ratings) != len(want) {
		t.Errorf("%s: %d models; want %d", what, len(board.Ratings), len(want))
	}
	for i := range board.Ratings {
		r := &board.Ratings[i]
		if got := number(r); got == nil || !(math.Abs(*got-want[r.Model]) <= 1e-5) {
			t.Errorf("%s of %s is %v; want %v", what, r.Model, exact(got), want[r.Model])
		}
	}
}

func points(r *rating.Rating) *float64 { return r.Rating }
func lower(r *rating.Rating) *float64  { return r.Lower }
func upper(r *rating.Rating) *float64  { return r.Upper }

// TestPublishedBattles: what the program says of published battles is what is known of them.
func TestPublishedBattles(t *testing.T) {
	var known publishedRatings
	file := publishedSet(t, "llmfao_gpt4", &known)
	for interval, method := range map[string]string{"sandwich": "bt_exact_sandwich95", "clustered": "bt_exact_cluster_prompt95"} {
		board := rateBattles(t, file, "--interval", interval)
		if board.Method != "bradley-terry" || board.Interval != interval || board.Components != 1 || board.Battles != known.Battles {
			t.Errorf("%s: the board is by %s with %s intervals, %d components, %d battles", interval, board.Method, board.Interval, board.Components, board.Battles)
		}
		near(t, "rating", board, points, known.Methods["bt_exact"].Ratings)
		near(t, interval+" lower", board, lower, known.Methods[method].Lower)
		near(t, interval+" upper", board, upper, known.Methods[method].Upper)
		for _, r := range board.Ratings {
			if r.Provisional || r.Rank == nil || *r.Rank != known.Methods[method].Rank[r.Model] {
				t.Errorf("%s: %s has rank %v, provisional %t; want %d", interval, r.Model, r.Rank, r.Provisional, known.Methods[method].Rank[r.Model])
			}
		}
		near(t, "Elo", board, func(r *rating.Rating) *float64 { return r.Elo }, known.Methods["elo_k32_init1000"].Ratings)
	}
	near(t, "Elo of K 4", rateBattles(t, file, "--method", "elo", "--k-factor", "4"), points, known.Methods["elo_k4_init1000"].Ratings)
}

// TestPublishedLength: what length does to the outcome is taken out as the published fit takes it out.
func TestPublishedLength(t *testing.T) {
	var known publishedRatings
	file := publishedSet(t, "llmfao_gpt4", &known)
	board := rateBattles(t, file, "--control", "length", "--z-score", "--interval", "sandwich")
	want := known.Methods["bt_exact_length"]
	near(t, "rating at equal length", board, points, want.Ratings)
	near(t, "lower at equal length", board, lower, want.Lower)
	near(t, "upper at equal length", board, upper, want.Upper)
	if len(board.Effects) != 1 || board.Effects[0].Name != "length" || board.Effects[0].Points == nil || board.Effects[0].SE == nil {
		t.Fatalf("effects are %+v; want that of length", board.Effects)
	}
	perUnit := 400 / math.Ln10
	if got := *board.Effects[0].Points / perUnit; !(math.Abs(got-want.Coefficient) <= 1e-6) {
		t.Errorf("the coefficient is %v; want %v", got, want.Coefficient)
	}
	if got := *board.Effects[0].SE / perUnit; !(math.Abs(got-want.SE) <= 1e-6) {
		t.Errorf("its standard error is %v; want %v", got, want.SE)
	}
}

// TestPublishedFootball: where no finite ratings fit they lean on virtual ties, and say so.
func TestPublishedFootball(t *testing.T) {
	var known struct{ All publishedRatings }
	board := rateBattles(t, publishedSet(t, "football_2014_2025", &known), "--interval", "sandwich")
	prior := known.All.Methods["bt_prior1"]
	near(t, "rating", board, points, prior.Ratings)
	near(t, "lower", board, lower, prior.Lower)
	near(t, "upper", board, upper, prior.Upper)
	if board.Components != known.All.Weak || board.Interval != "model-based" {
		t.Errorf("%d components with %s intervals; want %d, model-based", board.Components, board.Interval, known.All.Weak)
	}
	for _, r := range board.Ratings {
		if outside := slices.Contains(known.All.Outside, r.Model); !r.Provisional || r.Component != 0 && !outside {
			t.Errorf("%s: provisional %t, component %d", r.Model, r.Provisional, r.Component)
		}
	}
}

// TestPublishedDegenerate: battles that allow no finite ratings, or hardly any.
func TestPublishedDegenerate(t *testing.T) {
	text, err := os.ReadFile("../../elo/testdata/degenerate.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Battles []struct {
			A      string `json:"model_a"`
			B      string `json:"model_b"`
			Winner string `json:"winner"`
			Count  int    `json:"count"`
		}
		Strong   int                   `json:"strong_components"`
		Weak     int                   `json:"weak_components"`
		Exact    map[string]float64    `json:"bt_exact"`
		Sandwich map[string][2]float64 `json:"sandwich95"`
		Prior    map[string]float64    `json:"bt_prior1"`
		Elo      map[string]float64    `json:"elo_k32_init1000"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		f := bareFolder(t)
		var lines strings.Builder
		for _, b := range c.Battles {
			if b.A == b.B {
				continue // refused, which the scripts try
			}
			line := fmt.Sprintf(`{"model_a":%q,"model_b":%q,"winner":%q}`+"\n", b.A, b.B, b.Winner)
			lines.WriteString(strings.Repeat(line, b.Count))
		}
		f.write("battles.jsonl", lines.String())
		board := rateBattles(t, filepath.Join(f.dir, "battles.jsonl"), "--interval", "sandwich")
		if len(c.Battles) == 0 {
			if len(board.Ratings) != 0 || len(board.Notes) == 0 {
				t.Errorf("%s: %+v; want nobody, and a sentence", name, board)
			}
			continue
		}
		want := c.Exact
		if want == nil {
			want = c.Prior
		}
		near(t, name+": rating", board, points, want)
		near(t, name+": Elo", board, func(r *rating.Rating) *float64 { return r.Elo }, c.Elo)
		if board.Components != c.Weak {
			t.Errorf("%s: %d components; want %d", name, board.Components, c.Weak)
		}
		for _, r := range board.Ratings {
			if r.Provisional != (c.Exact == nil) || !(*r.Upper > *r.Lower) {
				t.Errorf("%s: %s is provisional: %t, from %v to %v; want %t, and some width", name, r.Model, r.Provisional, *r.Lower, *r.Upper, c.Exact == nil)
			}
			if b, ok := c.Sandwich[r.Model]; ok && b[0] < b[1] && !(math.Abs(*r.Lower-b[0]) < 1e-5 && math.Abs(*r.Upper-b[1]) < 1e-5) {
				t.Errorf("%s: %s is from %v to %v; want %v", name, r.Model, *r.Lower, *r.Upper, b)
			}
		}
	}
}
