package configs

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	generated "openarena/configs/schemagen/schema"
)

func TestSchemaIsTheGeneratedOne(t *testing.T) {
	want, err := generated.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(Schema())); diff != "" {
		t.Errorf("schema.json is old: run `go generate ./configs`; -want +got:\n%s", diff)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("arena.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("arena.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate checks a YAML text as an editor would.
func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestSchemaAcceptsWhatLoads(t *testing.T) {
	s := compiled(t)
	for _, e := range Examples() {
		if err := validate(t, s, []byte(e.Text)); err != nil {
			t.Errorf("example %s: %v", e.Name, err)
		}
	}
	for _, name := range []string{"everything", "minimal", "anchors"} {
		text, err := os.ReadFile(filepath.Join("testdata", "good", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefusesWhatDoesNotLoad(t *testing.T) {
	s := compiled(t)
	for _, name := range []string{"key-unknown-near", "key-unknown-top", "type-fraction-for-whole", "type-quoted-number", "type-true-for-text",
		"type-duration-bare", "type-concurrency", "range-negative-limit", "range-samples", "range-too-many", "range-percentages", "endpoint-kind", "judging-pairs-two",
		"endpoint-without-url", "judge-protocol", "model-none", "dataset-none", "type-levels", "export-format", "judge-none", "judge-both"} {
		text, err := os.ReadFile(filepath.Join("testdata", "bad", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if validate(t, s, text) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}

// TestSchemaAndParserKnowTheSameKeys asks the parser which keys it knows, by one that it cannot, for each definition of
// the schema.
func TestSchemaAndParserKnowTheSameKeys(t *testing.T) {
	var schema struct {
		Properties map[string]any                                 `json:"properties"`
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	const unknown = "zzzzzzzzzzzz: 1"
	places := map[string]string{
		"Endpoint":  "default_endpoint: {" + unknown + "}",
		"Model":     "models: [{" + unknown + "}]",
		"Price":     "models: [{price: {" + unknown + "}}]",
		"Answers":   "models: [{answers: {" + unknown + "}}]",
		"Judge":     "judges: [{" + unknown + "}]",
		"Rubric":    "rubrics: {a: {" + unknown + "}}",
		"Criterion": "rubrics: {a: {criteria: [{" + unknown + "}]}}",
		"Judging":   "judging: {" + unknown + "}",
		"Stop":      "judging: {stop: {" + unknown + "}}",
		"Panel":     "judging: {panel: {" + unknown + "}}",
		"Dataset":   "datasets: [{" + unknown + "}]",
		"Prompts":   "prompts: {" + unknown + "}",
		"Rating":    "rating: {" + unknown + "}",
		"Anchor":    "rating: {anchor: {" + unknown + "}}",
		"Budget":    "budget: {" + unknown + "}",
		"Export":    "export: [{" + unknown + "}]",
		"Store":     "store: {" + unknown + "}",
	}
	want := map[string][]string{"": keysOf(schema.Properties)}
	for name, def := range schema.Defs {
		want[name] = keysOf(def.Properties)
	}
	got := map[string][]string{"": parserKeys(t, unknown)}
	for name, src := range places {
		got[name] = parserKeys(t, src)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys by table: -schema +parser:\n%s", diff)
	}
}

func keysOf(properties map[string]any) []string {
	keys := sortedKeys(properties)
	if keys == nil {
		return []string{}
	}
	return keys
}

// parserKeys is the list of keys in the message about an unknown one.
func parserKeys(t *testing.T, src string) []string {
	t.Helper()
	_, err := Parse("arena.yaml", []byte(src+"\n"), environment)
	if err == nil {
		t.Fatalf("Parse(%q) returned no error", src)
	}
	_, list, found := strings.Cut(err.Error(), "the keys here are ")
	if !found {
		t.Fatalf("Parse(%q) names no keys: %v", src, err)
	}
	list, _, _ = strings.Cut(list, "\n")
	keys := strings.Split(list, ", ")
	slices.Sort(keys)
	return keys
}
