package pipeline

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStatusFrom: what was counted part by part says the same as a walk over everything.
func TestStatusFrom(t *testing.T) {
	a, db := judgedPair(t, 3)
	walked, err := a.Status(t.Context(), db, false)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[ID]Counted{}
	for i, m := range walked.Models {
		counts[a.Contestants[i].ID] = Counted{Wanted: m.Wanted, Done: m.Done, Failed: m.Failed}
	}
	for i, m := range walked.Judges {
		counts[a.Judges[i].ID] = Counted{Wanted: m.Wanted, Done: m.Done, Failed: m.Failed, Invalid: m.Invalid}
	}
	o, err := a.Overview(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var again Overview
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	got, err := a.StatusFrom(t.Context(), db, counts, &again, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, walked), asJSON(t, got)); diff != "" {
		t.Errorf("StatusFrom: -walked +counted:\n%s", diff)
	}
	if got.Board.Open != walked.Board.Open {
		t.Errorf("StatusFrom: open %v; want %v", got.Board.Open, walked.Board.Open)
	}
	bare, err := a.StatusFrom(t.Context(), db, counts, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if bare.Prompts != walked.Prompts || len(bare.Ratings) != len(walked.Ratings) || bare.Ratings[0].Rating != nil {
		t.Errorf("without an overview: %d prompts, ratings %+v; want %d and none", bare.Prompts, bare.Ratings, walked.Prompts)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
