package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// table is a model server: contestants answer with their name and the prompt, and the judge scores two answers as the table
// says, in the words that the Python OpenArena asks for. A pair that is not in the table is shown the wrong way round.
type table map[string][2]int // "prompt: first second" to their scores

func (t table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	asked := q.Messages[len(q.Messages)-1].Content
	text := q.Model + " on " + asked
	if q.Model == "judge" {
		text = "I cannot say."
		for meeting, scores := range t {
			prompt, models, _ := strings.Cut(meeting, ": ")
			first, second, _ := strings.Cut(models, " ")
			x, y := strings.Index(asked, first+" on "+prompt), strings.Index(asked, second+" on "+prompt)
			if x >= 0 && y > x {
				text = fmt.Sprintf("Explanation: So it seems.\n\nScore-A: %d\nScore-B: %d", scores[0], scores[1])
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"choices":[{"message":{"content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`, jsonString(text))
}

// TestRankedRowsOfThePythonProgram: on the same replies the rows are, as a set, those that it writes. It shows each pair once,
// the model earlier in the file first; a model's score on a prompt is the mean of what it got in its battles over that prompt;
// models stand in the order of their scores, equal ones in that of the file.
func TestRankedRowsOfThePythonProgram(t *testing.T) {
	s := httptest.NewServer(table{
		"red: ada bob": {8, 6}, "red: ada cyd": {7, 9}, "red: bob cyd": {6, 6}, // 15/2, 12/2, 15/2
		"green: ada bob": {5, 9}, "green: ada cyd": {5, 4}, "green: bob cyd": {10, 1}, // 10/2, 19/2, 5/2
		"blue: ada bob": {4, 4}, "blue: ada cyd": {3, 6}, "blue: bob cyd": {4, 6}, // 7/2, 8/2, 12/2
	})
	t.Cleanup(s.Close)
	f := bareFolder(t)
	f.write("prompts.txt", "red\ngreen\nblue\n")
	f.write("arena.yaml", `default_endpoint: {url: "`+s.URL+`/v1"}
models: [{name: Ada, model_id: ada}, {name: Bob, model_id: bob}, {name: Cyd, model_id: cyd}]
judges: [{name: Judge, model_id: judge, protocol: scores, reask: 0}]
judging: {orders: fixed}
datasets: [{path: prompts.txt}]
`)
	f.openarena("run")
	got := strings.Split(strings.TrimSpace(f.openarena("export", "--type", "ranked")), "\n")
	want := []string{
		`{"prompt":"red","ranked_models":[{"model_name":"Ada","avg_score":7.5,"response":"ada on red"},{"model_name":"Cyd","avg_score":7.5,"response":"cyd on red"},{"model_name":"Bob","avg_score":6,"response":"bob on red"}]}`,
		`{"prompt":"green","ranked_models":[{"model_name":"Bob","avg_score":9.5,"response":"bob on green"},{"model_name":"Ada","avg_score":5,"response":"ada on green"},{"model_name":"Cyd","avg_score":2.5,"response":"cyd on green"}]}`,
		`{"prompt":"blue","ranked_models":[{"model_name":"Cyd","avg_score":6,"response":"cyd on blue"},{"model_name":"Bob","avg_score":4,"response":"bob on blue"},{"model_name":"Ada","avg_score":3.5,"response":"ada on blue"}]}`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("ranked rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
