package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/export"
)

// TestDataShowsEveryExport: for each type and trainer the page counts what would be written, and names the command and the files.
func TestDataShowsEveryExport(t *testing.T) {
	w := newWorld(t)
	for _, kind := range export.Types {
		for _, trainer := range append(export.Loaders(kind.Name), "") {
			text := w.page("/data?type=" + kind.Name + "&for=" + trainer)
			for _, want := range []string{"openarena export --type " + kind.Name, "<dt>Rows</dt>", `aria-label="Row 0"`, "As it is written", "<code dir=\"auto\">openarena.json</code>"} {
				if !strings.Contains(text, want) {
					t.Errorf("the page of %s for %q lacks %q:\n%s", kind.Name, trainer, want, text)
				}
			}
		}
	}
}

func TestDataOfWhatThereIsNot(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"type=reward&for=verl":           "its RMDataset reads no margin",
		"type=fantasy":                   "Unknown export type",
		"type=sft&min_score=much":        "is no number",
		"type=preference&min_margin=NaN": "is not between 0 and 2",
		"type=preference&mode=policy":    "is about one model: name it",
		"type=kto&for=trl&format=csv":    "the cells hold lists as JSON",
		"type=preference&strict=true&max_length_ratio=1&mode=all_pairs&eval_split=0.5&for=axolotl&output=deep/a.jsonl": "deep/a.axolotl.yaml",
		"type=sft&min_margin=1": "openarena export --type sft -o sft.jsonl", // of another type: left out
	} {
		if text := w.page("/data?" + query); !strings.Contains(text, want) {
			t.Errorf("/data?%s lacks %q:\n%s", query, want, text)
		}
	}
}

// TestDataCountsWhatIsWritten compares the page with the rows of an export.
func TestDataCountsWhatIsWritten(t *testing.T) {
	w := newWorld(t)
	l := w.look()
	defer l.Close()
	view, err := w.arena.View(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	sum, err := export.Write(t.Context(), &b, view, export.Options{Type: "preference", Mode: "all_pairs"})
	if err != nil {
		t.Fatal(err)
	}
	text := w.page("/data?type=preference&mode=all_pairs")
	if got := regexp.MustCompile(`<dt>Rows</dt><dd>([0-9,]+)`).FindStringSubmatch(text); got == nil || got[1] != counter(t, sum.Rows) || sum.Rows == 0 {
		t.Errorf("the page counts %q rows; want %d", got, sum.Rows)
	}
	if got := strings.Count(text, "<article"); got != min(previewRows, sum.Rows) {
		t.Errorf("the page shows %d rows of %d; want the first %d", got, sum.Rows, previewRows)
	}
}

func counter(t *testing.T, n int) string {
	text, err := counted(n)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestDataLinksSayTheSame: what a link of the page asks for is read back as it was meant.
func TestDataLinksSayTheSame(t *testing.T) {
	want := export.Options{Type: "preference", For: "axolotl", Mode: "policy", Model: "Gamma & Söhne", EvalSplit: 0.1, WithMeta: true, Format: "json",
		Filters: export.Filters{Allow: []string{"invalid", "flagged"}, MaxPairs: 2, Strict: true}}
	_, query, _ := strings.Cut(siteHref("/data", queryOf(want, "x.json")...), "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	got, err := optionsOf(values)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("options differ (%v):\n%s", err, d)
	}
}
