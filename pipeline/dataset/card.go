package dataset

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"openarena/internal/hub"
)

// card is what the README of a set on the Hub says about its configurations.
type card struct{ configs []config }

// config is one entry under `configs:`.
type config struct {
	name      string
	isDefault bool
	dir       string  // data_dir
	splits    []split // nil: the files of dir say which there are
}

// split is the files of a split, as patterns, or where their names say it the files themselves.
type split struct {
	name     string
	patterns []string
	files    []string
}

// maxCard is how long a README may be, in bytes.
const maxCard = 16 << 20

// readCard reads README.md, or what a file .huggingface.yaml puts in its place.
func readCard(ctx context.Context, h *hub.Client, set *hub.Set) (card, error) {
	var c card
	for _, name := range []string{".huggingface.yaml", "README.md"} {
		if _, ok := set.Find(name); !ok {
			continue
		}
		text, err := h.ReadFile(ctx, set, name, maxCard)
		if err != nil {
			return card{}, err
		}
		if name == "README.md" {
			text = frontMatter(text)
		}
		if c, err = parseCard(text); err != nil {
			return card{}, fmt.Errorf("%s of %s: %w", name, set.ID, err)
		}
		if len(c.configs) > 0 {
			break
		}
	}
	return c, nil
}

// frontMatter is what stands between the first line, if that is ---, and the next such line.
func frontMatter(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	var inside []byte
	for n := 0; len(text) > 0; n++ {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		mark := string(bytes.TrimRight(line, "\r")) == "---"
		switch {
		case n == 0 && !mark:
			return nil
		case n > 0 && mark:
			return inside
		case n > 0:
			inside = append(append(inside, line...), '\n')
		}
	}
	return nil
}

// parseCard reads the configurations of a header. Whatever else is in it does not matter here.
func parseCard(header []byte) (card, error) {
	var told struct {
		Configs []struct {
			Name    string `yaml:"config_name"`
			Default bool   `yaml:"default"`
			Dir     string `yaml:"data_dir"`
			Files   any    `yaml:"data_files"`
		} `yaml:"configs"`
	}
	if err := yaml.Unmarshal(header, &told); err != nil {
		return card{}, fmt.Errorf("the header is not YAML that names configurations: %s", firstLine(err))
	}
	var c card
	for _, t := range told.Configs {
		if t.Name == "" {
			return card{}, fmt.Errorf("a configuration has no config_name")
		}
		splits, err := splitsOf(t.Files)
		if err != nil {
			return card{}, fmt.Errorf("configuration %s: %w", show(t.Name), err)
		}
		c.configs = append(c.configs, config{t.Name, t.Default, t.Dir, splits})
	}
	return c, nil
}

func firstLine(err error) string {
	line, _, _ := bytes.Cut([]byte(err.Error()), []byte("\n"))
	return string(line)
}

// splitsOf reads data_files: a pattern, a list of patterns, a list of {split, path}, or a map from splits to patterns.
func splitsOf(files any) ([]split, error) {
	switch files := files.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		var list []any
		for _, name := range slices.Sorted(maps.Keys(files)) {
			list = append(list, map[string]any{"split": name, "path": files[name]})
		}
		return entries(list)
	case []any:
		if len(files) > 0 {
			if _, ok := files[0].(map[string]any); ok {
				return entries(files)
			}
		}
	}
	patterns, err := texts(files)
	if err != nil {
		return nil, fmt.Errorf("data_files: %w", err)
	}
	return []split{{name: train, patterns: patterns}}, nil
}

// entries reads a list of {split, path}.
func entries(list []any) ([]split, error) {
	var splits []split
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("data_files mixes patterns and splits")
		}
		name, ok := m["split"].(string)
		if !ok {
			return nil, fmt.Errorf("an entry of data_files names no split")
		}
		patterns, err := texts(m["path"])
		if err != nil {
			return nil, fmt.Errorf("split %s: %w", show(name), err)
		}
		for _, s := range splits {
			if s.name == name {
				return nil, fmt.Errorf("data_files has the split %s twice", show(name))
			}
		}
		splits = append(splits, split{name: name, patterns: patterns})
	}
	return splits, nil
}

// texts reads a text or a list of texts.
func texts(v any) ([]string, error) {
	if s, ok := v.(string); ok {
		return []string{s}, nil
	}
	items, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("a pattern or a list of patterns is expected")
	}
	var all []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("a pattern is expected")
		}
		all = append(all, s)
	}
	return all, nil
}
