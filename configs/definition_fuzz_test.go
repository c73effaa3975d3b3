package configs

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzDefinition holds that the same parameters are the same contestant, however they were written: what a definition
// says, read and defined again, is the same bytes.
func FuzzDefinition(f *testing.F) {
	for _, params := range []string{
		`{}`, `{"temperature":1.0,"seed":1}`, `{"seed":1,"temperature":1}`, `{"a":{"b":[1,2.5,null,true,"x"]}}`, `{"n":9007199254740993}`,
		`{"n":1e300,"m":-0.0}`, `{"stop":["\u2028","<&>"]}`, `{"":""}`, `{"empty":{}}`,
	} {
		f.Add("model", "r", "Be terse.", []byte(params))
	}
	f.Fuzz(func(t *testing.T, id, revision, system string, text []byte) {
		var params map[string]any
		if json.Unmarshal(text, &params) != nil || !utf8.ValidString(id) || !utf8.ValidString(revision) || !utf8.ValidString(system) {
			t.Skip("no parameters, or a text that no file holds")
		}
		first, err := Model{ModelID: id, Revision: revision, System: system, Params: params}.Definition()
		if err != nil {
			t.Fatal(err) // JSON holds nothing that cannot be sent
		}
		var back struct {
			ModelID  string         `json:"model_id"`
			Revision string         `json:"revision"`
			System   string         `json:"system"`
			Params   map[string]any `json:"params"`
		}
		if err := json.Unmarshal(first, &back); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		again, err := Model{ModelID: back.ModelID, Revision: back.Revision, System: back.System, Params: back.Params}.Definition()
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("defined again, %s is %s, %v", first, again, err)
		}
	})
}
