package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"openarena/internal/plot"
	"openarena/internal/standings"
	"openarena/pipeline/battlefile"
	"openarena/pipeline/rating"
)

// TestPictureSaysWhatItShows: mean Elo is in the table alone.
func TestPictureSaysWhatItShows(t *testing.T) {
	board := manyModels(t, 3)
	board.Permutations = 20
	if of := standings.Chart(board).Subtitle; !strings.HasSuffix(of, " prompts.") || !strings.Contains(standings.What(board), "20 random orders") {
		t.Errorf("the picture says %q", of)
	}
}

// TestPictureOfTheDocs holds docs/ratings.svg to what `rate --battles --plot` draws.
func TestPictureOfTheDocs(t *testing.T) {
	f, err := battlefile.Open("../../elo/testdata/llmfao_gpt4.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	board, err := f.Rate(t.Context(), rating.Default())
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := plot.Ratings(&got, standings.Chart(board)); err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/ratings.svg"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(want), "\r\n", "\n") != got.String() {
		t.Error(file + " is not what is drawn: look at the new one, and run `go test ./cmd/openarena -run PictureOfTheDocs -update`")
	}
}
