package export

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPreviewIsWhatIsWritten: for every type and trainer it counts what Write counts, and its first rows are those that
// Write begins with.
func TestPreviewIsWhatIsWritten(t *testing.T) {
	for _, kind := range Types {
		for _, trainer := range append(Loaders(kind.Name), "") {
			o := Options{Type: kind.Name, For: trainer, Format: "jsonl"}
			var b bytes.Buffer
			want, err := Write(t.Context(), &b, sample(), o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Look(t.Context(), sample(), o, Extent{Rows: 2})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got.Summary); d != "" || !got.Whole {
				t.Errorf("preview of %s for %q counts otherwise than Write (whole: %t):\n%s", kind.Name, trainer, got.Whole, d)
			}
			lines := slices.Collect(strings.Lines(b.String()))
			for i := range min(2, len(lines)) {
				if len(got.Rows) <= i || got.Rows[i].Raw != lines[i] || len(got.Rows[i].Cells) != len(got.Columns) {
					t.Errorf("preview of %s for %q: row %d of %+v; want %s", kind.Name, trainer, i, got.Rows, lines[i])
				}
			}
			if len(got.Rows) != min(2, len(lines)) {
				t.Errorf("preview of %s for %q has %d rows; want the first 2 of %d", kind.Name, trainer, len(got.Rows), len(lines))
			}
		}
	}
}

// TestPreviewGoesNoFurtherThanAsked: what is counted is of the first prompts, and that is said.
func TestPreviewGoesNoFurtherThanAsked(t *testing.T) {
	all := len(sample().prompts)
	for most, whole := range map[int]bool{1: false, all - 1: false, all: true, all + 1: true, 0: true} {
		p, err := Look(t.Context(), sample(), Options{Type: "ranked"}, Extent{Prompts: most})
		want := most
		if most == 0 || most > all {
			want = all
		}
		if err != nil || p.Whole != whole || p.Seen != want {
			t.Errorf("a preview of %d of %d prompts looks at %d, whole: %t, %v; want %d, %t", most, all, p.Seen, p.Whole, err, want, whole)
		}
	}
}

func TestPreviewDrawsConversationsAndCutsTexts(t *testing.T) {
	p, err := Look(t.Context(), sample(), Options{Type: "preference"}, Extent{Rows: 1, Text: 2})
	if err != nil {
		t.Fatal(err)
	}
	row := p.Rows[0]
	if got := row.Cells[0].Turns[0]; got.Role != "user" || got.Content != "sc …" {
		t.Errorf("the prompt is %+v; want the beginning of what the user says", got)
	}
	p, err = Look(t.Context(), sample(), Options{}, Extent{Rows: 1, Text: 2})
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Rows[0].Cells; c[0].Text != "sc" || c[0].Cut != len("scores")-2 || len(c[1].List) != 3 || c[1].List[0][0].Name != "model_name" {
		t.Errorf("the row is %+v; want a prompt that is cut and three ranked models", c)
	}
}

// TestPreviewWithoutRows: no row is no error, since the counts say why.
func TestPreviewWithoutRows(t *testing.T) {
	p, err := Look(t.Context(), sample(), Options{Type: "preference", Filters: Filters{MaxLengthRatio: 1}}, Extent{Rows: 1})
	if err != nil || p.Summary.Rows != 0 || len(p.Removed) == 0 {
		t.Errorf("a preview without rows: %+v, %v; want what took them", p, err)
	}
	if _, err = Look(t.Context(), sample(), Options{Type: "reward", For: "verl"}, Extent{}); !errors.As(err, new(*UsageError)) {
		t.Errorf("a preview of what no trainer loads: %v; want a *UsageError", err)
	}
}

// TestPreviewEndsWithWhoAsked: counting everything may take long, and ends when nobody waits for it.
func TestPreviewEndsWithWhoAsked(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for _, kind := range Types[:6] {
		if _, err := Look(ctx, sample(), Options{Type: kind.Name}, Extent{}); !errors.Is(err, context.Canceled) {
			t.Errorf("a preview of %s that nobody waits for: %v; want %v", kind.Name, err, context.Canceled)
		}
	}
}

// TestTypesAndFormatsAreThoseThatThereAre keeps what is told to people in step with what is registered.
func TestTypesAndFormatsAreThoseThatThereAre(t *testing.T) {
	for _, kind := range Types {
		if _, plain := tables[kind.Name]; !plain && trainings[kind.Name] == nil {
			t.Errorf("there is no type %s", kind.Name)
		}
	}
	if len(Types) != len(tables)+len(trainings) || len(Formats) != len(formats) {
		t.Errorf("%d types and %d formats are told; there are %d and %d", len(Types), len(Formats), len(tables)+len(trainings), len(formats))
	}
	for _, f := range Formats {
		if formats[f] == nil {
			t.Errorf("there is no format %s", f)
		}
	}
}

func TestCommandOfOptions(t *testing.T) {
	o := Options{Type: "preference", For: "axolotl", Mode: "policy", Model: "it's mine", EvalSplit: 0.02, WithMeta: true,
		Filters: Filters{Allow: []string{"flagged", "invalid"}, MaxPairs: 3, MinMargin: 0.5}}
	const want = `openarena export --type preference --for axolotl --mode policy --model 'it'\''s mine' --with-meta --eval-split 0.02 ` +
		`--allow 'flagged,invalid' --min-margin 0.5 --max-pairs-per-prompt 3 -o dpo.jsonl`
	if got := o.Command("dpo.jsonl"); got != want {
		t.Errorf("Command() = %s\nwant %s", got, want)
	}
	var again Options
	for _, s := range Settings {
		if err := s.Set(&again, s.Value(&o)); err != nil {
			t.Error(err)
		}
	}
	again.Type = o.Type
	if d := cmp.Diff(o, again); d != "" {
		t.Errorf("settings read back differ:\n%s", d)
	}
	if err := Settings[5].Set(&again, "much"); !errors.As(err, new(*UsageError)) {
		t.Errorf("a word for a number: %v; want a *UsageError", err)
	}
}
