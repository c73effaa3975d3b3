package configs

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// leftOut are the settings that decide nothing about what an arena's results are: where models are called, with which key, what
// may be spent, and where files lie. With them goes all that may be secret or belong to one machine.
var leftOut = map[string][]string{
	"Config": {"Path", "Dir", "DefaultEndpoint", "Endpoints", "Budget", "Export", "Store", "Warnings", "Secrets", "Texts"},
	"Model":  {"Endpoint", "Price", "NumCtx", "KeepAlive"},
}

// Canonical is the canonical JSON of all settings that decide on results: models, judges with their rubrics, who meets whom, prompts and
// how to rate. Files that say the same have the same bytes, whatever their layout; what is left out or empty does not appear.
// Texts that hold a key of the file are masked. The error is about params that no JSON can hold.
func (c *Config) Canonical() ([]byte, error) {
	table, _ := c.settings(reflect.ValueOf(*c)).(map[string]any)
	return canonical(table)
}

// settings is a value as maps, lists and plain values, with keys as a file has them. It is nil where nothing is set.
func (c *Config) settings(v reflect.Value) any {
	if !v.IsValid() || v.IsZero() {
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		table := map[string]any{}
		c.addFields(table, v)
		return table
	case reflect.Map:
		table := map[string]any{}
		for _, key := range v.MapKeys() {
			if value := v.MapIndex(key); value.Kind() == reflect.Interface { // params: an empty one is sent, too
				table[fmt.Sprint(key)] = c.plain(value.Interface())
			} else {
				table[fmt.Sprint(key)] = c.settings(value)
			}
		}
		return table
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = c.settings(v.Index(i))
		}
		return list
	case reflect.Pointer:
		return c.settings(v.Elem())
	}
	return c.plain(v.Interface())
}

func (c *Config) addFields(table map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if slices.Contains(leftOut[v.Type().Name()], field.Name) {
			continue
		}
		if field.Anonymous {
			c.addFields(table, v.Field(i))
		} else if value := c.settings(v.Field(i)); value != nil {
			if path, ok := value.(string); ok && field.Name == "Path" {
				value = public(path)
			}
			table[snake(field.Name)] = value
		}
	}
}

// public is a path as it may be shown to everybody: of an absolute one, which tells of a machine and its user, the name alone.
func public(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Base(path)
	}
	return path
}

// plain copies a value of params, or one that is no table and no list, without keys of the file in its texts.
func (c *Config) plain(v any) any {
	switch v := v.(type) {
	case string:
		return c.Masked(v)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, value := range v {
			table[name] = c.plain(value)
		}
		return table
	case []any:
		list := make([]any, len(v))
		for i, value := range v {
			list[i] = c.plain(value)
		}
		return list
	}
	return v
}

// Masked is a text with stars in place of whatever this file sends as a key.
func (c *Config) Masked(text string) string {
	for _, s := range c.keys() {
		text = strings.ReplaceAll(text, s, mask)
	}
	return bareSecrets.ReplaceAllString(text, mask)
}

// keys are the secrets of all endpoints, the longest first.
func (c *Config) keys() (all []string) {
	add := func(e Endpoint) {
		for _, s := range append([]string{e.APIKey.Reveal()}, values(e.Headers)...) {
			if len(s) >= shortestSecret && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	add(c.DefaultEndpoint)
	for _, e := range c.Endpoints {
		add(e)
	}
	for _, m := range c.Models {
		add(m.Endpoint)
	}
	for _, j := range c.Judges {
		add(j.Endpoint)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return all
}

func values(h Headers) (all []string) {
	for _, v := range h {
		all = append(all, v)
	}
	return all
}

// snake is the key of a field: KFactor is k_factor, ModelID model_id.
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
