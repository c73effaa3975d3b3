package card

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/rating"
)

var update = flag.Bool("update", false, "rewrite golden files")

func of(x float64) *float64 { return &x }

// sample has something of everything.
func sample() *Card {
	one, two := 1, 2
	return &Card{
		Repo: "acme/duels", Version: "1.2",
		Sets: []Set{
			{Name: "preference", Type: "preference", Trainer: "trl", Candidates: 1500, Pairs: true, LongerChosen: 720,
				Files:   []File{{"train", "data/preference/train-00000-of-00001.parquet", 1180}, {"test", "data/preference/test-00000-of-00001.parquet", 20}},
				Removed: []Removal{{"ties", 200}, {"min_margin", 100}}, Lengths: []Length{{"chosen", 812.4}, {"rejected", 640}}},
			{Name: "leaderboard", Type: "ratings", Files: []File{{"train", "data/leaderboard/train-00000-of-00001.parquet", 2}}},
		},
		Board: &rating.Leaderboard{Ratings: []rating.Rating{
			{Model: "Alpha", Rating: of(1043.4), Lower: of(1020), Upper: of(1066.2), Rank: &one, Battles: 1200, WinRate: of(0.625), Ties: 12},
			{Model: "Beta", Rating: of(956.6), Rank: &two, Battles: 1200, WinRate: of(0.375), Ties: 12, Provisional: true},
		}, Notes: []string{"A note."}},
		Method: "Bradley-Terry rating.", Charts: []Chart{{"assets/ratings.svg", "Ratings"}}, Prompts: 600,
		Models:   []Model{{Name: "Alpha", ID: "alpha-7b", Settings: "temperature 0.7"}, {Name: "Beta", ID: "beta", Revision: "q4"}},
		Judges:   []Judge{{Name: "Judge", ID: "judge-70b", Protocol: "scores_verdict", Verdicts: 2400, Invalid: of(0.01), Ties: of(0.1), Consistent: of(0.87)}},
		Alpha:    of(0.61),
		Sources:  []Source{{Name: "org/prompts", Config: "default", Split: "train", Commit: "c0ffee", Prompts: 600}},
		Manifest: "openarena.json",
	}
}

func TestGolden(t *testing.T) {
	golden := filepath.Join("testdata", "card.golden.md")
	got := Write(sample())
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the card is not as it was (-want +got); -update rewrites it:\n%s", diff)
	}
}

// fields are the header of a page.
func fields(t *testing.T, page []byte) map[string]any {
	t.Helper()
	head, _ := split(page)
	var all map[string]any
	if err := yaml.Unmarshal([]byte(head), &all); err != nil {
		t.Fatalf("the header is no YAML: %v\n%s", err, head)
	}
	return all
}

// TestMergeKeeps: what people wrote on a page stays, wherever it stands, and another merge changes nothing.
func TestMergeKeeps(t *testing.T) {
	ours := string(Write(sample()))
	for _, test := range []struct {
		about, old string
		license    string
		want, gone []string // texts of the page
	}{
		{"no page", "", "", []string{"# acme/duels", "pretty_name: \"duels\""}, []string{"\nlicense:"}},
		{"a page without a header", "# Ours\n\nWords.\n", "", []string{"# Ours\n\nWords.\n", "# acme/duels"}, nil},
		{"a header that nobody closed", "---\nlicense: mit\n", "", []string{"license: mit", "# acme/duels"}, nil},
		{"words before, behind and in our part", strings.Replace(strings.Replace(ours, beginMark, "Before.\n\n"+beginMark, 1), "## Leaderboard", "In between.\n\n## Leaderboard", 1) + "\nBehind.\n",
			"", []string{"Before.\n\n<!--", "-->\n\nBehind.\n"}, []string{"In between."}},
		{"the end mark is gone", strings.Replace(ours, endMark, "", 1), "", []string{endMark}, nil},
		{"fields of the header", "---\n# a comment\nlicense: mit   # ours\nlanguage: [en, de]\npretty_name: Duels!\ndataset_info:\n  features:\n  - name: prompt\nextra_gated_prompt: >-\n  You agree\n  to this.\n---\nText.\n",
			"", []string{"# a comment\nlicense: mit   # ours\nlanguage: [en, de]\npretty_name: Duels!\ndataset_info:\n  features:\n  - name: prompt\nextra_gated_prompt: >-\n  You agree\n  to this.\n", "Text.\n"}, []string{"pretty_name: \"duels\""}},
		{"a license that is stated anew", "---\nlicense: mit\nlicense_name: x\n---\n", "cc0-1.0", []string{"license: \"cc0-1.0\"\nlicense_name: x\n"}, []string{"license: mit"}},
		{"tags of others", "---\ntags: [mine, openarena]\n---\n", "", []string{"- \"mine\"\n- \"openarena\"\n- \"synthetic\"\n"}, nil},
		{"configs of others", "---\nconfigs:\n- config_name: extra\n  default: true\n  data_files: more/*.csv\n- config_name: preference\n  data_files: old.parquet\n---\n",
			"", []string{"config_name: extra", "more/*.csv"}, []string{"old.parquet"}},
		{"line ends of another system", "\ufeff---\r\nlicense: mit\r\n---\r\nText.\r\n", "", []string{"license: mit\n", "Text.\n"}, nil},
		{"a header that is no YAML", "---\ntags: [a\nconfigs: {\n---\nText.\n", "", []string{"Text.\n", "- \"openarena\""}, nil},
		{"a license that was stated before", "---\nlicense: cc-by-4.0\n---\n", "", []string{"\ncc-by-4.0, as stated by the owner"}, []string{"Not stated"}},
		{"several of them", "---\nlicense: [mit, '**other**']\n---\n", "", []string{"\nmit, \\*\\*other\\*\\*, as stated"}, []string{"Not stated"}},
		{"a license that says nothing", "---\nlicense:\n---\n", "", []string{"Not stated"}, []string{", as stated"}},
	} {
		c := sample()
		c.License = test.license
		once := Merge([]byte(test.old), c)
		for _, w := range test.want {
			if !strings.Contains(string(once), w) {
				t.Errorf("%s: %q is not on the page:\n%s", test.about, w, once)
			}
		}
		for _, w := range test.gone {
			if strings.Contains(string(once), w) {
				t.Errorf("%s: %q is on the page:\n%s", test.about, w, once)
			}
		}
		if twice := Merge(once, c); string(twice) != string(once) {
			t.Errorf("%s: a second merge changes the page:\n%s", test.about, cmp.Diff(string(once), string(twice)))
		}
		if n := strings.Count(string(once), beginning); n != 1 {
			t.Errorf("%s: our part is there %d times; want once", test.about, n)
		}
		if f := fields(t, once); f["configs"] == nil || f["size_categories"] == nil {
			t.Errorf("%s: the header lacks fields: %v", test.about, f)
		}
	}
}

// TestHostileNames: whatever names hold, tables keep their columns, and nothing becomes a link, a tag, a heading or a field.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		"a | b", "**bold** _it_", "<script>alert(1)</script>", "![x](http://evil/x.svg)", "[x](javascript:alert)", "line\nbreak\n# heading", "`code`", "--- \n---",
		"https://evil.example www.evil.example me@evil.example", "\x1b[31mred\u202e", endMark, beginMark, "$x$", strings.Repeat("long", 500), "\xff\xfe",
	} {
		c := sample()
		c.Board.Ratings[0].Model, c.Models[0].Name, c.Models[0].ID, c.Models[0].Settings = name, name, name, name
		c.Judges[0].Name, c.Sources[0].Name, c.Sources[0].Split, c.Sets[0].Removed[0].Filter = name, name, name, name
		c.Charts[0].Alt, c.Method, c.Board.Notes = name, name, []string{name}
		page := string(Write(c))
		plainLines, lines := strings.Split(string(Write(sample())), "\n"), strings.Split(page, "\n")
		if len(lines) != len(plainLines) {
			t.Errorf("%q: %d lines; want %d", name, len(lines), len(plainLines))
			continue
		}
		for i, line := range lines {
			if got, want := bars(line), bars(plainLines[i]); got != want {
				t.Errorf("%q: %d columns in %q; want %d", name, got, line, want)
			}
		}
		for _, bad := range []string{"<script", "](http", "](javascript", "https://evil", "www.evil", "me@evil", "\x1b", "\u202e"} {
			if strings.Contains(page, bad) {
				t.Errorf("%q: %q is on the page", name, bad)
			}
		}
		if strings.Count(page, beginning) != 1 || strings.Count(page, endMark) != 1 {
			t.Errorf("%q: it is taken for one of our marks", name)
		}
		fields(t, []byte(page))
	}
}

// bars counts the bars of a line that are not escaped.
func bars(line string) int { return strings.Count(line, "|") - strings.Count(line, `\|`) }

func TestSizeCategory(t *testing.T) {
	for rows, want := range map[int]string{0: "n<1K", 999: "n<1K", 1000: "1K<n<10K", 9999: "1K<n<10K", 10_000: "10K<n<100K", 1_000_000: "1M<n<10M", 500_000_000: "100M<n<1B"} {
		if got := sizeCategory(rows); got != want {
			t.Errorf("sizeCategory(%d) = %s; want %s", rows, got, want)
		}
	}
}

func TestHeaderValues(t *testing.T) {
	c := sample()
	c.Languages = []string{"no", "en"} // no is a language, not false
	f := fields(t, Write(c))
	if got, ok := f["language"].([]any); !ok || !slices.Equal(got, []any{"no", "en"}) {
		t.Errorf("language is %v; want no and en", f["language"])
	}
	if got := f["size_categories"]; !cmp.Equal(got, []any{"1K<n<10K"}) {
		t.Errorf("size_categories are %v", got)
	}
}
