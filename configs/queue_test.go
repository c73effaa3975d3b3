package configs

import (
	"strings"
	"testing"
)

// What one endpoint of an address and key states is said of their queue, and so of all that share it.
func TestStatedConcurrencyCountsForTheQueue(t *testing.T) {
	const url = `url: "http://gpu:8000/v1"`
	for _, c := range []struct {
		why, first, second string
		want               [2]int
	}{
		{"the second states it", url, url + ", concurrency: 3", [2]int{3, 3}},
		{"the first states it", url + ", concurrency: 3", url, [2]int{3, 3}},
		{"both state the same", url + ", concurrency: 3", url + ", concurrency: 3", [2]int{3, 3}},
		{"nobody does", url, url, [2]int{0, 0}},
		{"two forms of one address", url, `url: "http://gpu:8000/v1/chat/completions", concurrency: 3`, [2]int{3, 3}},
		{"another address is another queue", url + ", concurrency: 2", `url: "http://other/v1", concurrency: 3`, [2]int{2, 3}},
		{"another key is another queue", url + ", concurrency: 2", url + `, concurrency: 3, api_key: "${GPU_KEY}"`, [2]int{2, 3}},
	} {
		src := "default_endpoint: {" + c.first + "}\nendpoints: {b: {" + c.second + "}}\n" +
			"models: [{model_id: a}, {model_id: b, endpoint: b}]\njudge_model: {model_id: j, endpoint: {" + c.second + "}}\ndatasets: [{path: p.txt}]\n"
		got, err := Parse("arena.yaml", []byte(src), environment)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		of := [2]int{got.Models[0].Endpoint.Concurrency, got.Models[1].Endpoint.Concurrency}
		if of != c.want || got.DefaultEndpoint.Concurrency != of[0] || got.Endpoints["b"].Concurrency != of[1] || got.Judges[0].Endpoint.Concurrency != of[1] {
			t.Errorf("%s: the models' endpoints allow %v; want %v, and so for those at the top and the judge's", c.why, of, c.want)
		}
	}
}

// Requests and tokens a minute are stated of a queue, too.
func TestStatedRatesCountForTheQueue(t *testing.T) {
	file := func(first, second string) []byte {
		const url = `url: "http://gpu:8000/v1"`
		return []byte("default_endpoint: {" + url + first + "}\nendpoints: {b: {" + url + second + "}}\n" +
			"models: [{model_id: a}, {model_id: b, endpoint: b}]\njudge_model: {model_id: j}\ndatasets: [{path: p.txt}]\n")
	}
	got, err := Parse("arena.yaml", file(", rpm: 7", ", tpm: 900"), environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Models {
		if e := m.Endpoint; e.RPM != 7 || e.TPM != 900 || e.Concurrency != 0 {
			t.Errorf("%s may make %d requests and take %d tokens a minute, %d at once; want 7, 900 and 0", m.ModelID, e.RPM, e.TPM, e.Concurrency)
		}
	}
	_, err = Parse("arena.yaml", file(", rpm: 7", ", rpm: 8"), environment)
	if err == nil || !strings.Contains(err.Error(), "another rpm is in line 1") {
		t.Errorf("two of a queue that differ: %v; want a fault that names the other line", err)
	}
}
