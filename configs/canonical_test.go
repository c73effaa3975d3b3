package configs

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"openarena/internal/testkit/canary"
)

const canonicalArena = `default_endpoint: {url: "http://gpu:8000", api_key: ` + canary.Key + `, headers: {X-Team: header-secret-1}}
models: [{name: A, model_id: a, params: {temperature: 1.0, stop: "", who: "` + canary.Key + `!", nested: {x: [header-secret-1, hf_0123456789abcdefghijklmnopqrstuvwx]}}}, {model_id: b, samples: 2}]
judge_model: {model_id: j, rubric: r}
rubrics: {r: {criteria: [{name: c, levels: {10: good}}]}}
datasets: [{path: p.txt, limit: 3}, {path: /home/ada/p.txt}]
`

// Files that say the same have one canonical form; what changes results changes it, and what does not, does not.
func TestCanonical(t *testing.T) {
	form := func(src string) string {
		t.Helper()
		c, err := Parse("arena.yaml", []byte(src), environment)
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Canonical()
		if err != nil || !json.Valid(b) {
			t.Fatalf("%s, %v", b, err)
		}
		return string(b)
	}
	base := form(canonicalArena)
	for _, c := range []struct {
		why, old, new string
		same          bool
	}{
		{"a number written otherwise", "temperature: 1.0", "temperature: 1", true},
		{"another server", "gpu:8000", "other:9000", true},
		{"a price, a budget and a file to write", "samples: 2}]", "samples: 2, price: {input: 1, output: 2}}]\nbudget: {max_calls: 5}\nexport: [{path: x.jsonl}]\nstore: {path: y.db}", true},
		{"a default written out", "datasets:", "judging: {orders: both}\ndatasets:", true},
		{"a file that lies elsewhere", "/home/ada/p.txt", "/srv/p.txt", true},
		{"another temperature", "temperature: 1.0", "temperature: 0", false},
		{"an empty text in params", `stop: "", `, "", false},
		{"another name", "name: A", "name: AA", false},
		{"more samples", "samples: 2", "samples: 3", false},
		{"other words of a rubric", "10: good", "10: better", false},
		{"other orders", "datasets:", "judging: {orders: fixed}\ndatasets:", false},
		{"other prompts", "limit: 3", "limit: 4", false},
		{"another way to rate", "datasets:", "rating: {outcome: share}\ndatasets:", false},
	} {
		changed := strings.Replace(canonicalArena, c.old, c.new, 1)
		if changed == canonicalArena {
			t.Fatalf("%s: nothing was replaced", c.why)
		}
		if got := form(changed); (got == base) != c.same {
			t.Errorf("%s: the canonical form is %s\nbefore %s", c.why, got, base)
		}
	}
	for _, forbidden := range []string{"gpu", "header-secret", "/home/ada", "hf_"} {
		if strings.Contains(base, forbidden) {
			t.Errorf("%s is in %s", forbidden, base)
		}
	}
	if where := canary.Find([]byte(base)); where != "" {
		t.Errorf("the key is in %s: %s", base, where)
	}
	const want = `{"datasets":[{"field":"prompt","limit":3,"path":"p.txt","seed":1},{"field":"prompt","limit":-1,"path":"p.txt","seed":1}],"judges":[{"analysis":"brief"`
	if !bytes.HasPrefix([]byte(base), []byte(want)) {
		t.Errorf("canonical form %s; want it to begin with %s", base, want)
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"ModelID": "model_id", "KFactor": "k_factor", "Name": "name", "MinValid": "min_valid", "NearDuplicates": "near_duplicates", "N": "n"} {
		if got := snake(name); got != want {
			t.Errorf("snake(%s) = %s; want %s", name, got, want)
		}
	}
}
