package configs

import (
	"math"
	"testing"
)

// Databases that exist know contestants and judges by these very bytes.
func TestDefinitionOfModel(t *testing.T) {
	for _, c := range []struct {
		why  string
		m    Model
		want string
	}{
		{"all parts, keys sorted", Model{ModelID: "m", Revision: "q4", System: "Be <brief>.",
			Params: map[string]any{"top_p": 0.5, "seed": int64(1), "stop": []any{"b", "a"}}},
			`{"model_id":"m","params":{"seed":1,"stop":["b","a"],"top_p":0.5},"revision":"q4","system":"Be <brief>."}`},
		{"what is not identity is not in it", Model{Name: "Shown", ModelID: "m", Samples: 5, NumCtx: "auto", KeepAlive: "5m",
			Price: &Price{Input: 1}, Endpoint: Endpoint{URL: "http://gpu/v1", Kind: "ollama", Headers: map[string]string{"X-Team": "a"}}},
			`{"model_id":"m"}`},
		{"1.0 is 1, and -0.0 is 0", Model{ModelID: "m", Params: map[string]any{"a": 1.0, "b": []any{-2.0}, "c": math.Copysign(0, -1)}},
			`{"model_id":"m","params":{"a":1,"b":[-2],"c":0}}`},
		{"beyond 2^53 a float stays one", Model{ModelID: "m", Params: map[string]any{"a": 1e300, "b": int64(math.MaxInt64)}},
			`{"model_id":"m","params":{"a":1e+300,"b":9223372036854775807}}`},
		{"an empty table of params is none", Model{ModelID: "m", Params: map[string]any{}}, `{"model_id":"m"}`},
		{"what is empty within params is sent, and counts", Model{ModelID: "m", Params: map[string]any{"user": "", "extra": map[string]any{}, "stop": nil}},
			`{"model_id":"m","params":{"extra":{},"stop":null,"user":""}}`},
		{"a number, a text and a truth are three values", Model{ModelID: "m", Params: map[string]any{"a": int64(1), "b": "1", "c": true}},
			`{"model_id":"m","params":{"a":1,"b":"1","c":true}}`},
		{"a file is known by its model_id", Model{Name: "Last year", ModelID: "m", Revision: "r", Answers: &Answers{Path: "x"}},
			`{"file":true,"model_id":"m","revision":"r"}`},
		{"a file without one by its name", Model{Name: "Last year", Answers: &Answers{Path: "x"}},
			`{"file":true,"model_id":"Last year"}`},
	} {
		got, err := c.m.Definition()
		if string(got) != c.want || err != nil {
			t.Errorf("%s: %s, %v; want %s", c.why, got, err, c.want)
		}
	}
}

func TestDefinitionOfJudge(t *testing.T) {
	j := Judge{
		Model:    Model{Name: "J", ModelID: "j", System: "Be fair.", Params: map[string]any{"temperature": 0.0}},
		Protocol: "scores_verdict", Analysis: "brief", Structured: "auto", Weight: 2, Reask: 2, MaxInvalidRate: 0.2,
	}
	const want = `{"analysis":"brief","model_id":"j","params":{"temperature":0},"protocol":"scores_verdict","system":"Be fair.","version":3}`
	got, err := j.Definition(3, nil, "")
	if string(got) != want || err != nil {
		t.Errorf("Definition = %s, %v; want %s", got, err, want)
	}
}

// A rubric counts by what it says; its name is not in it.
func TestDefinitionUnderARubric(t *testing.T) {
	j := Judge{Model: Model{ModelID: "j"}, Protocol: "verdict5", Analysis: "none"}
	rubric := Rubric{Criteria: []Criterion{{Name: "correct", Weight: 3, Levels: map[int]string{10: "yes", 1: "no"}}, {Name: "brief", Weight: 1}}, Ties: "allow"}
	const want = `{"analysis":"none","model_id":"j","protocol":"verdict5","rubric":{"criteria":[{"levels":{"1":"no","10":"yes"},"name":"correct","weight":3},{"levels":{},"name":"brief","weight":1}],"ties":"allow"},"version":1}`
	got, err := j.Definition(1, &rubric, "")
	if string(got) != want || err != nil {
		t.Errorf("Definition = %s, %v; want %s", got, err, want)
	}
}

func TestDefinitionOfWhatCannotBeSent(t *testing.T) {
	for _, v := range []any{math.NaN(), math.Inf(-1), struct{}{}} {
		m := Model{ModelID: "m", Params: map[string]any{"stop": []any{"x", map[string]any{"y": v}}}}
		if got, err := m.Definition(); err == nil {
			t.Errorf("the definition with %v is %s; want an error", v, got)
		}
		if got, err := (Judge{Model: m}).Definition(1, nil, ""); err == nil {
			t.Errorf("the judge's definition with %v is %s; want an error", v, got)
		}
	}
}
