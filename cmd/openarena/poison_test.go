package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestTroubleOfOnePrompt: a prompt that a server cannot take fails alone, for good where the server says so, and is not asked
// again by itself.
func TestTroubleOfOnePrompt(t *testing.T) {
	t.Parallel()
	const prompts = 8
	tooLong := `{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}`
	w := admit(t, prompts,
		patient{id: "T63", why: "too long, 400", trouble: always(400, tooLong).only("Question 3"), reason: "context_length"},
		patient{id: "T63", why: "too long, 413", trouble: always(413, `{"error":{"message":"prompt is too long"}}`).only("Question 3"), reason: "context_length"},
		patient{id: "T63", why: "too long, 500", trouble: always(500, `{"error":{"message":"the request exceeds the available context size"}}`).only("Question 3"), reason: "context_length"},
		patient{id: "T63", why: "too many bytes, 413", trouble: always(413, "").only("Question 3"), reason: "request_size"},
		patient{id: "T63", why: "a filter, 400", trouble: always(400, `{"error":{"message":"no","code":"content_filter"}}`).only("Question 3"), reason: "content_filter"},
		patient{id: "T65", why: "it crashes on this prompt", trouble: always(500, "").only("Question 3"), reason: "server_error", calls: prompts - 1 + tries},
	)
	code, _, said := w.try("run")
	if code != exitPartly {
		t.Fatalf("exit code %d; want %d\n%s", code, exitPartly, said)
	}
	failures := w.failures()
	w.each(func(t *testing.T, p *patient) {
		want := max(p.calls, prompts)
		if got := len(p.server.visits()); got != want {
			t.Errorf("the server was called %d times; want %d", got, want)
		}
		if f := failures[p.why]; len(f) != 1 || f[0].Reason != p.reason || f[0].Permanent != (p.id == "T63") {
			t.Errorf("on record is %+v; want one failure, %s, for good if the server said so", f, p.reason)
		}
		t.Attr("figure", fmt.Sprintf("%s: %d calls for %d prompts", p.why, want, prompts))
	})
	w.server.Reset()
	code, _, said = w.try("run")
	if code != exitPartly {
		t.Errorf("exit code of the next run %d; want %d\n%s", code, exitPartly, said)
	}
	w.each(func(t *testing.T, p *patient) {
		again := 0 // what is for good is not asked again
		if p.id == "T65" {
			again = tries
		}
		if got := len(p.server.visits()) - max(p.calls, prompts); got != again {
			t.Errorf("the next run called the server %d times; want %d", got, again)
		}
	})
	w.mend(func(*patient) int { return 1 })
}

// TestEndingsAreTold: an answer that was cut off, withheld or refused is kept as what it is, and whoever reads the ratings
// is told of it.
func TestEndingsAreTold(t *testing.T) {
	t.Parallel()
	w := admit(t, 2,
		patient{id: "T55", why: "content is null", trouble: always(200, completionOf(`{"content":null}`, `"stop"`)), reason: "stop"},
		patient{id: "T55", why: "content is empty", trouble: always(200, completionOf(`{"content":""}`, `"stop"`)), reason: "stop"},
		patient{id: "T55", why: "a call of a tool", trouble: always(200, completionOf(`{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}`, `"tool_calls"`)), reason: "unknown"},
		patient{id: "T55", why: "a refusal", trouble: always(200, completionOf(`{"content":null,"refusal":"I will not."}`, `"stop"`)), reason: "refusal", says: "of 2 answers 2 refused"},
		patient{id: "T56", why: "cut off", trouble: always(200, completionOf(`{"content":"It is"}`, `"length"`)), reason: "length", says: "of 2 answers 2 cut off at the longest length"},
		patient{id: "T57", why: "withheld", trouble: always(200, completionOf(`{"content":""}`, `"content_filter"`)), reason: "content_filter", says: "of 2 answers 2 withheld by a filter"},
	)
	_, _, said := w.try("run")
	finished := w.finished()
	w.each(func(t *testing.T, p *patient) {
		if got := finished[p.why]; len(got) != 2 || got[0] != p.reason || got[1] != p.reason {
			t.Errorf("two answers are kept with the endings %q; want %q", got, p.reason)
		}
		if p.says != "" && !strings.Contains(strings.Join(strings.Fields(said), " "), p.why+": "+p.says) {
			t.Errorf("the run does not say %q:\n%s", p.why+": "+p.says, said)
		}
		if n := len(p.server.visits()); n != 2 {
			t.Errorf("the server was called %d times; want 2", n)
		}
	})
	w.server.Reset()
	w.openarena("run")
	if n := w.server.Stats(false).Arrivals; n != 0 {
		t.Errorf("the next run made %d calls; want none", n)
	}
}

// finished is how each model's answers ended.
func (w *ward) finished() map[string][]string {
	w.t.Helper()
	names, byID := map[string]string{}, map[string][]string{}
	for line := range strings.Lines(w.openarena("db", "dump")) {
		var rec struct {
			Bucket, Contestant, Finish, ID string
			Definition                     struct {
				ModelID string `json:"model_id"`
			}
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			w.t.Fatal(err)
		}
		if rec.Bucket == "answers" {
			byID[rec.Contestant] = append(byID[rec.Contestant], rec.Finish)
		}
		if rec.Definition.ModelID != "" {
			names[rec.Definition.ModelID] = rec.ID
		}
	}
	all := map[string][]string{}
	for i, p := range w.patients {
		all[p.why] = byID[names[fmt.Sprintf("m%d", i)]]
	}
	return all
}
