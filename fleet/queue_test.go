package fleet

import (
	"slices"
	"testing"

	"openarena/configs"
	"openarena/pipeline"
)

// TestQueues: a worker takes parts of the models that --models names and whose labels it has, and of the stages that it is for.
func TestQueues(t *testing.T) {
	const file = `endpoints: {main: {url: "http://localhost:1/v1"}, gpu: {url: "http://localhost:2/v1", labels: {gpu: h100, rack: "7"}}}
models: [{name: A, model_id: a, endpoint: main}, {name: B, model_id: b, endpoint: gpu}]
judges: [{name: J, model_id: j, endpoint: main}, {name: K, model_id: k, endpoint: gpu}]
datasets: [{path: prompts.jsonl}]
`
	c, err := configs.Parse("arena.yaml", []byte(file), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why    string
		worker *Worker
		want   []string
	}{
		{"no labels", &Worker{Generate: true, Judge: true}, []string{"A", "J"}},
		{"one label of two", &Worker{Generate: true, Judge: true, Labels: map[string]string{"gpu": "h100"}}, []string{"A", "J"}},
		{"another value", &Worker{Generate: true, Judge: true, Labels: map[string]string{"gpu": "a100", "rack": "7"}}, []string{"A", "J"}},
		{"all labels, and one more", &Worker{Generate: true, Judge: true, Labels: map[string]string{"gpu": "h100", "rack": "7", "disk": "fast"}}, []string{"A", "B", "J", "K"}},
		{"--models", &Worker{Generate: true, Judge: true, Models: []string{"A", "K"}}, []string{"A"}},
		{"answers alone", &Worker{Generate: true}, []string{"A"}},
		{"judgments alone", &Worker{Judge: true}, []string{"J"}},
	} {
		var got []string
		for _, q := range c.worker.queues(a) {
			got = append(got, q.model)
			if of := (Outlook{Unserved: []string{q.name}}).unserved(a); len(of) != 1 || of[0].Model != q.model {
				t.Errorf("%s: the queue %s of %s is that of %v", c.why, q.name, q.model, of)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: parts of %q are taken; want %q", c.why, got, c.want)
		}
	}
}
