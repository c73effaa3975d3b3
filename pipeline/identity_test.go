package pipeline

import (
	"testing"

	"openarena/configs"
	"openarena/providers"
)

func TestContestantIdentity(t *testing.T) {
	base := configs.Model{
		Name: "Shown", ModelID: "m", Revision: "q4", System: "Be brief.", Samples: 1,
		Params: map[string]any{"temperature": int64(1), "stop": []any{"a", "b"}, "top": map[string]any{"k": int64(2)}},
	}
	first, err := newContestant(base, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(m *configs.Model)
		same   bool
	}{
		{"another name is the same contestant", func(m *configs.Model) { m.Name = "Other" }, true},
		{"another server is the same", func(m *configs.Model) { m.Endpoint = configs.Endpoint{URL: "http://other", Kind: "ollama"} }, true},
		{"other headers are the same", func(m *configs.Model) { m.Endpoint.Headers = map[string]string{"X-Team": "eval"} }, true},
		{"more samples are the same", func(m *configs.Model) { m.Samples = 5 }, true},
		{"a price changes nothing", func(m *configs.Model) { m.Price = &configs.Price{Input: 1} }, true},
		{"1.0 is 1", func(m *configs.Model) { m.Params["temperature"] = 1.0 }, true},
		{"an empty table inside params is sent", func(m *configs.Model) { m.Params["extra"] = map[string]any{"inner": map[string]any{}} }, false},
		{"an empty text inside params is sent", func(m *configs.Model) { m.Params["user"] = "" }, false},
		{"another model_id is another", func(m *configs.Model) { m.ModelID = "n" }, false},
		{"another revision is another", func(m *configs.Model) { m.Revision = "q8" }, false},
		{"another system message is another", func(m *configs.Model) { m.System = "Be long." }, false},
		{"another parameter is another", func(m *configs.Model) { m.Params["seed"] = int64(1) }, false},
		{"1.5 is not 1", func(m *configs.Model) { m.Params["temperature"] = 1.5 }, false},
		{"true is not 1", func(m *configs.Model) { m.Params["temperature"] = true }, false},
		{"\"1\" is not 1", func(m *configs.Model) { m.Params["temperature"] = "1" }, false},
		{"0 is not left out", func(m *configs.Model) { m.Params["seed"] = int64(0) }, false},
		{"the order of a list counts", func(m *configs.Model) { m.Params["stop"] = []any{"b", "a"} }, false},
		{"a file is no model", func(m *configs.Model) { m.Answers = &configs.Answers{Path: "x"} }, false},
	} {
		m := base
		m.Params = map[string]any{}
		for k, v := range base.Params {
			m.Params[k] = v
		}
		test.change(&m)
		got, err := newContestant(m, 3)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if (got.ID == first.ID) != test.same {
			t.Errorf("%s: %s and %s", test.name, first.Definition, got.Definition)
		}
	}
}

func TestJudgeIdentity(t *testing.T) {
	base := configs.Judge{Model: configs.Model{Name: "J", ModelID: "j"}, Protocol: "scores_verdict", Analysis: "brief", Structured: "auto", Weight: 1, Reask: 2}
	first, err := newJudge(base, 0, nil, ownWords{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(j *configs.Judge)
		same   bool
	}{
		{"another name is the same judge", func(j *configs.Judge) { j.Name = "K" }, true},
		{"weight is today's opinion", func(j *configs.Judge) { j.Weight = 3 }, true},
		{"patience changes no verdict", func(j *configs.Judge) { j.Reask, j.MaxInvalidRate = 0, 1 }, true},
		{"how output is asked for changes no question", func(j *configs.Judge) { j.Structured = "text" }, true},
		{"another protocol is another judge", func(j *configs.Judge) { j.Protocol = "scores" }, false},
		{"another analysis is another", func(j *configs.Judge) { j.Analysis = "none" }, false},
		{"another system message is another", func(j *configs.Judge) { j.System = "Be fair." }, false},
	} {
		j := base
		test.change(&j)
		got, err := newJudge(j, 0, nil, ownWords{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if (got.ID == first.ID) != test.same {
			t.Errorf("%s: %s and %s", test.name, first.Definition, got.Definition)
		}
	}
	base.Protocol = "coin"
	if _, err := newJudge(base, 0, nil, ownWords{}); err == nil {
		t.Error("a judge of an unknown protocol is no error")
	}
}

func TestPromptHashIsOfRoleAndText(t *testing.T) {
	one := func(role, text string) Hash {
		h, _, err := promptHash([]providers.Message{{Role: role, Content: text}})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if first := one("user", "a"); first != one("user", "a") || one("user", "a") == one("user", "a ") || one("user", "a") == one("system", "a") {
		t.Error("a prompt is its roles and texts, and nothing else")
	}
	// This very hash is in databases that exist.
	if got := one("user", "<b> & \u00e9").String(); got != "0455aae80def5ce8a10c694741cc3832" {
		t.Errorf("the hash of a known prompt is %s", got)
	}
}
