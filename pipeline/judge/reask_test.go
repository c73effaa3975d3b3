package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/providers"
)

func TestNext(t *testing.T) {
	tests := []struct {
		why    string
		past   []string // reasons, the oldest first; "": a valid verdict
		budget int
		want   Reask
		ok     bool
	}{
		{"nothing was asked yet", nil, 2, Reask{}, false},
		{"a valid verdict stands", []string{""}, 2, Reask{}, false},
		{"more room for an empty reply", []string{Empty}, 2, Reask{Retry, 2}, true},
		{"more room for a cut reply", []string{Truncated}, 2, Reask{Retry, 2}, true},
		{"more room for a cut thought", []string{TruncatedReasoning}, 2, Reask{Retry, 2}, true},
		{"more room for a missing end", []string{NoFinal}, 2, Reask{Retry, 2}, true},
		{"still more room", []string{Truncated, Truncated}, 2, Reask{Retry, 4}, true},
		{"the verdict alone", []string{NoVerdict}, 2, Reask{FollowUp, 1}, true},
		{"the verdict alone after a conflict", []string{Conflict}, 2, Reask{FollowUp, 1}, true},
		{"the verdict alone after a score out of range", []string{OutOfRange}, 2, Reask{FollowUp, 1}, true},
		{"then a fresh sample", []string{NoVerdict, OutOfRange}, 2, Reask{Fresh, 1}, true},
		{"the room gained is kept", []string{Truncated, NoVerdict}, 2, Reask{FollowUp, 2}, true},
		{"a follow-up that was cut", []string{NoVerdict, Truncated}, 2, Reask{Retry, 2}, true},
		{"a refusal would be repeated", []string{Refusal}, 2, Reask{}, false},
		{"a filter, too", []string{Truncated, Filtered}, 2, Reask{}, false},
		{"the budget is spent", []string{NoVerdict, NoVerdict, NoVerdict}, 2, Reask{}, false},
		{"no budget", []string{NoVerdict}, 0, Reask{}, false},
	}
	for _, tt := range tests {
		var past []Verdict
		for _, reason := range tt.past {
			v := invalid(reason)
			if reason == "" {
				v = at(1, MethodJSON)
			}
			past = append(past, v)
		}
		if got, ok := Next(past, tt.budget); got != tt.want || ok != tt.ok {
			t.Errorf("%s: Next(%q, %d) = %+v, %v; want %+v, %v", tt.why, tt.past, tt.budget, got, ok, tt.want, tt.ok)
		}
	}
}

func TestApplyParams(t *testing.T) {
	tests := []struct {
		why    string
		reask  Reask
		params map[string]any
		want   map[string]any
	}{
		{"the default of a first attempt", Reask{}, nil, map[string]any{"max_tokens": int64(2048)}},
		{"a limit stays", Reask{}, map[string]any{"max_tokens": int64(100)}, map[string]any{"max_tokens": int64(100)}},
		{"more room", Reask{Retry, 2}, map[string]any{"max_tokens": int64(100), "seed": int64(1)}, map[string]any{"max_tokens": int64(200), "seed": int64(1)}},
		{"under another name", Reask{Retry, 4}, map[string]any{"max_completion_tokens": 1000.0}, map[string]any{"max_completion_tokens": int64(4000)}},
		{"up to the most", Reask{Retry, 2}, map[string]any{"max_tokens": int64(20000)}, map[string]any{"max_tokens": int64(32768)}},
		{"never less than it was", Reask{Retry, 2}, map[string]any{"max_tokens": int64(50000)}, map[string]any{"max_tokens": int64(50000)}},
		{"no limit stays none", Reask{Retry, 2}, map[string]any{"num_predict": int64(-1)}, map[string]any{"num_predict": int64(-1)}},
		{"a fresh sample", Reask{Fresh, 1}, map[string]any{"temperature": 0.0}, map[string]any{"temperature": 0.3, "max_tokens": int64(2048)}},
	}
	for _, tt := range tests {
		before := cmp.Diff(tt.params, map[string]any{})
		_, got := tt.reask.Apply(Question{}, tt.params, Reply{})
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: Apply(%v) gives (-want +got):\n%s", tt.why, tt.params, d)
		}
		if cmp.Diff(tt.params, map[string]any{}) != before {
			t.Errorf("%s: Apply changed the parameters it was given", tt.why)
		}
	}
}

func TestApplyQuestion(t *testing.T) {
	q := scoresVerdict{}.Ask(plainCase, Settings{})
	previous := Reply{Text: "I like both."}
	for _, kind := range []Kind{First, Retry, Fresh} {
		if got, _ := (Reask{Kind: kind}).Apply(q, nil, previous); cmp.Diff(q, got) != "" {
			t.Errorf("%s: the question changed:\n%s", kind, cmp.Diff(q, got))
		}
	}
	want := q
	want.Schema = q.FollowUpSchema
	want.Messages = []providers.Message{q.Messages[0], q.Messages[1], {Role: "assistant", Content: "I like both."}, {Role: "user", Content: q.FollowUp}}
	got, _ := (Reask{Kind: FollowUp}).Apply(q, nil, previous)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("follow-up (-want +got):\n%s", d)
	}
	if len(q.Messages) != 2 {
		t.Errorf("the question given has %d messages now; want 2", len(q.Messages))
	}
	text := q
	text.Schema = nil
	if got, _ := (Reask{Kind: FollowUp}).Apply(text, nil, previous); got.Schema != nil {
		t.Errorf("a follow-up in text asks for the form %s; want none", got.Schema)
	}
}
