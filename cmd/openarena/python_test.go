package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// table is a model server: contestants answer with their name and the prompt, and the judge scores two answers as the table
// says, in the words that the Python OpenArena asks for. A pair that is not in the table is shown the wrong way round.
type table map[string][2]int // "prompt: first second" to their scores

func (t table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	chatServer(w, r, func(model, asked string) string {
		if model != "judge" {
			return model + " on " + asked
		}
		for meeting, scores := range t {
			prompt, models, _ := strings.Cut(meeting, ": ")
			first, second, _ := strings.Cut(models, " ")
			x, y := strings.Index(asked, first+" on "+prompt), strings.Index(asked, second+" on "+prompt)
			if x >= 0 && y > x {
				return fmt.Sprintf("Explanation: So it seems.\n\nScore-A: %d\nScore-B: %d", scores[0], scores[1])
			}
		}
		return "I cannot say."
	})
}

// chatServer answers a chat with what say makes of the model and the last message.
func chatServer(w http.ResponseWriter, r *http.Request, say func(model, asked string) string) {
	var q struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	text := say(q.Model, q.Messages[len(q.Messages)-1].Content)
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

// judgedPair is a call of a judge, as a server saw it: which answers were shown, and what was replied.
type judgedPair struct{ prompt, first, second, reply string }

// tournament is a model server whose judge replies by lot, in every layout that the Python program reads.
type tournament struct {
	mu       sync.Mutex
	meetings []judgedPair
}

var layouts = []string{
	"Explanation: So it seems.\nScore-A: %d\nScore-B: %d",
	"Explanation: A bit\nof this, a bit of that.\n\nScore-A:%d\nScore-B:   %d\n\n",
	"Score-A: %d\nScore-B: %d",
	"Explanation: Model B's Score-B is what it is.\nScore-A: %d Score-B: %d",
	"Explanation: In tenths.\nScore-A: %d/10\nScore-B: %d/10",
}

var answered = regexp.MustCompile(`(m\d) on (\w+ \d+)\.`)

func (s *tournament) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	chatServer(w, r, func(model, asked string) string {
		if model != "judge" {
			return model + " on " + asked + "."
		}
		shown := answered.FindAllStringSubmatch(asked, -1)
		if len(shown) != 2 || shown[0][2] != shown[1][2] {
			return "I cannot say."
		}
		m := judgedPair{prompt: shown[0][2], first: shown[0][1], second: shown[1][1]}
		h := fnv.New64a()
		fmt.Fprint(h, m)
		lot, scores := h.Sum64()>>8, []int{1, 6, 7, 10} // few, so that some means are equal
		m.reply = fmt.Sprintf(layouts[lot%5], scores[lot/5%4], scores[lot/20%4])
		s.mu.Lock()
		defer s.mu.Unlock()
		s.meetings = append(s.meetings, m)
		return m.reply
	})
}

type rankedModel struct {
	Name     string  `json:"model_name"`
	Score    float64 `json:"avg_score"`
	Response string  `json:"response"`
}

// pythonRanked is what the Python program (syv-ai/OpenArena, llm_arena.py: JudgeModel.evaluate and generate_training_data) makes
// of replies, by prompt. It has no licence that lets its text be kept here, so this is its rule in words of ours. What follows
// the only "Score-A:" is searched for a score of either side; the mean of whole numbers orders models, equal ones as in the file.
func pythonRanked(models []string, meetings []judgedPair) map[string][]rankedModel {
	score := regexp.MustCompile(`Score-([AB]):\s*(\d+)`)
	got := map[string]map[string][]int{}
	for _, m := range meetings {
		before, _, _ := strings.Cut(m.reply, "Score-A:")
		sides := map[string]int{}
		for _, found := range score.FindAllStringSubmatch(m.reply[len(before):], -1) {
			sides[found[1]], _ = strconv.Atoi(found[2])
		}
		if got[m.prompt] == nil {
			got[m.prompt] = map[string][]int{}
		}
		got[m.prompt][m.first] = append(got[m.prompt][m.first], sides["A"])
		got[m.prompt][m.second] = append(got[m.prompt][m.second], sides["B"])
	}
	rows := map[string][]rankedModel{}
	for prompt, scores := range got {
		for _, model := range models {
			sum := 0
			for _, s := range scores[model] {
				sum += s
			}
			rows[prompt] = append(rows[prompt], rankedModel{model, float64(sum) / float64(len(scores[model])), model + " on " + prompt + "."})
		}
		slices.SortStableFunc(rows[prompt], func(a, b rankedModel) int { return cmp.Compare(b.Score, a.Score) })
	}
	return rows
}

// TestRankedRowsByThePythonProgramsRule: what was asked is what that program asks, each pair once and the model earlier in the
// file first, and the rows are those of its rule.
func TestRankedRowsByThePythonProgramsRule(t *testing.T) {
	var server tournament
	s := httptest.NewServer(&server)
	t.Cleanup(s.Close)
	f := bareFolder(t)
	var prompts strings.Builder
	for i := range 12 {
		fmt.Fprintf(&prompts, "prompt %d\n", i)
	}
	f.write("prompts.txt", prompts.String())
	f.write("arena.yaml", `default_endpoint: {url: "`+s.URL+`/v1/chat/completions"}
judge_model: {name: judge, model_id: judge, protocol: scores, reask: 0}
models: [{name: m3, model_id: m3}, {name: m1, model_id: m1}, {name: m4, model_id: m4}, {name: m2, model_id: m2}]
judging: {orders: fixed}
datasets: [{path: prompts.txt}]
`)
	f.openarena("run")
	models := []string{"m3", "m1", "m4", "m2"}
	seen := map[string]int{}
	for _, m := range server.meetings {
		if slices.Index(models, m.first) >= slices.Index(models, m.second) {
			t.Errorf("%s was shown before %s", m.first, m.second)
		}
		seen[m.prompt+m.first+m.second]++
	}
	if len(server.meetings) != 72 || len(seen) != 72 {
		t.Errorf("%d judgments, of %d pairs; want each of 72 once", len(server.meetings), len(seen))
	}
	got := map[string][]rankedModel{}
	for line := range strings.Lines(f.openarena("export", "--type", "ranked")) {
		var row struct {
			Prompt string
			Ranked []rankedModel `json:"ranked_models"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil || got[row.Prompt] != nil {
			t.Fatalf("%s: %v, or the prompt has a row", line, err)
		}
		got[row.Prompt] = row.Ranked
	}
	want := pythonRanked(models, server.meetings)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("rows: -want +got\n%s", diff)
	}
	ties := 0
	for _, prompt := range slices.Sorted(maps.Keys(want)) {
		for i := range 3 {
			if want[prompt][i].Score == want[prompt][i+1].Score {
				ties++
			}
		}
	}
	if ties < 5 {
		t.Errorf("only %d models are equal to the next, so that their order is hardly tried", ties)
	}
}
