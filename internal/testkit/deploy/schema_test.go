package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var root = filepath.Join("..", "..", "..", "deploy")

// unchecked are manifests of kinds that are not Kubernetes' own.
var unchecked = map[string]bool{"kustomization.yaml": true, "cluster.yaml": true, "arena.yaml": true}

// schemas compiles what is asked for of testdata/schemas, once each.
type schemas struct {
	c    *jsonschema.Compiler
	defs map[string]any // of Kubernetes
}

func load(t *testing.T) *schemas {
	t.Helper()
	s := &schemas{c: jsonschema.NewCompiler()}
	for _, name := range []string{"kubernetes-1.33.json", "compose-spec.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "schemas", name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "kubernetes") {
			s.defs = doc.(map[string]any)["$defs"].(map[string]any)
		}
		if err := s.c.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// manifest checks a document of Kubernetes against the schema of its kind.
func (s *schemas) manifest(doc map[string]any) error {
	kind, _ := doc["kind"].(string)
	version, _ := doc["apiVersion"].(string)
	group, _, _ := strings.Cut(strings.TrimSuffix(version, "/v1"), ".")
	if group == "v1" {
		group = "core"
	}
	name := fmt.Sprintf("io.k8s.api.%s.v1.%s", group, kind)
	if _, is := s.defs[name]; !is {
		return fmt.Errorf("there is no schema for %s of %s", kind, version)
	}
	return s.check("kubernetes-1.33.json#/$defs/"+name, doc)
}

func (s *schemas) check(place string, doc any) error {
	schema, err := s.c.Compile(place)
	if err != nil {
		return err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// documents reads the documents of a YAML file.
func documents(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc map[string]any
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, doc)
	}
}

// Manifests keep to the schemas of Kubernetes 1.33, which refuse a field that they do not know.
func TestManifests(t *testing.T) {
	s := load(t)
	files, err := filepath.Glob(filepath.Join(root, "kubernetes", "*.yaml"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d manifests were found, %v; want eight at least", len(files), err)
	}
	for _, path := range files {
		if unchecked[filepath.Base(path)] {
			continue
		}
		for _, doc := range documents(t, path) {
			if err := s.manifest(doc); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// The check finds what is wrong with a manifest.
func TestWrongManifests(t *testing.T) {
	s := load(t)
	for why, spoil := range map[string]func(spec, template, container map[string]any){
		"a field that is spelled wrong":    func(spec, _, _ map[string]any) { spec["paralelism"] = 3 },
		"a text for a number":              func(spec, _, _ map[string]any) { spec["parallelism"] = "three" },
		"a field at the wrong level":       func(_, template, _ map[string]any) { template["backoffLimit"] = 3 },
		"a container without a name":       func(_, _, container map[string]any) { delete(container, "name") },
		"a resource limit in wrong places": func(_, _, container map[string]any) { container["limits"] = map[string]any{"memory": "1Gi"} },
	} {
		doc := documents(t, filepath.Join(root, "kubernetes", "shards.yaml"))[1]
		if err := s.manifest(doc); err != nil {
			t.Fatal(err)
		}
		spec := doc["spec"].(map[string]any)
		template := spec["template"].(map[string]any)["spec"].(map[string]any)
		spoil(spec, template, template["containers"].([]any)[0].(map[string]any))
		if err := s.manifest(doc); err == nil {
			t.Errorf("%s is not found", why)
		}
	}
}

// The compose file keeps to the Compose Specification.
func TestCompose(t *testing.T) {
	s := load(t)
	doc := documents(t, filepath.Join(root, "compose", "compose.yaml"))[0]
	if err := s.check("compose-spec.json", doc); err != nil {
		t.Error(err)
	}
	services := doc["services"].(map[string]any)
	services["postgres"].(map[string]any)["heathcheck"] = map[string]any{}
	if err := s.check("compose-spec.json", doc); err == nil {
		t.Error("a field that is spelled wrong is not found")
	}
}
