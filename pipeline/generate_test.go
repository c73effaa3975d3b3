package pipeline

import (
	"encoding/json"
	"testing"
)

func TestSampleParams(t *testing.T) {
	for _, test := range []struct {
		name   string
		params map[string]any
		k      uint16
		want   string
	}{
		{"the first sample has the seed of the file", map[string]any{"seed": int64(7)}, 0, `{"seed":7}`},
		{"the next ones count up", map[string]any{"seed": int64(7), "top_p": 0.5}, 2, `{"seed":9,"top_p":0.5}`},
		{"1.0 is 1", map[string]any{"seed": 1.0}, 2, `{"seed":3}`},
		{"without a seed none is made", map[string]any{"top_p": 0.5}, 2, `{"top_p":0.5}`},
		{"what is no number is the server's matter", map[string]any{"seed": "random"}, 2, `{"seed":"random"}`},
		{"no params at all", nil, 2, `null`},
	} {
		before, _ := json.Marshal(test.params)
		got, err := json.Marshal(sampleParams(test.params, test.k))
		if string(got) != test.want || err != nil {
			t.Errorf("%s: sampleParams(%s, %d) = %s, %v; want %s", test.name, before, test.k, got, err, test.want)
		}
		if after, _ := json.Marshal(test.params); string(after) != string(before) {
			t.Errorf("%s: the model's own params became %s", test.name, after)
		}
	}
}
