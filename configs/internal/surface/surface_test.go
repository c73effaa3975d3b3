package surface

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"openarena/configs/internal/tree"
)

func noVariables(string) (string, bool) { return "", false }

// tables calls visit with each struct of the surface, once.
func tables(t reflect.Type, seen map[reflect.Type]bool, visit func(reflect.Type)) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		tables(t.Elem(), seen, visit)
		return
	}
	_, single := reflect.New(t).Interface().(setting)
	if t.Kind() != reflect.Struct || single || seen[t] || t == reflect.TypeFor[tree.Mark]() {
		return
	}
	seen[t] = true
	visit(t)
	for i := range t.NumField() {
		tables(t.Field(i).Type, seen, visit)
	}
}

// TestTagsAreRead: a tag that cannot be read would be a limit or a default that is silently not there.
func TestTagsAreRead(t *testing.T) {
	fields := 0
	tables(reflect.TypeFor[File](), map[reflect.Type]bool{}, func(table reflect.Type) {
		for _, f := range reflect.VisibleFields(table) {
			if f.Anonymous || f.Name == "At" {
				continue
			}
			fields++
			where := table.Name() + "." + f.Name
			if f.Tag.Get("yaml") == "" || f.Tag.Get("jsonschema_description") == "" {
				t.Errorf("%s has no key or no description", where)
			}
			l := limitsOf(f.Tag)
			if len(l.enum) > 0 && l.fallback != "" && !slices.Contains(l.enum, l.fallback) {
				t.Errorf("%s: the default %s is not one of its words", where, l.fallback)
			}
			if l.fallback == "" {
				continue
			}
			s, ok := reflect.New(f.Type).Interface().(setting)
			if !ok {
				t.Errorf("%s has a default, but is not a single setting", where)
				continue
			}
			s.fill(l.fallback)
			got := reflect.ValueOf(s).Elem().FieldByName("Is").Interface()
			if d, ok := got.(time.Duration); ok {
				want, err := time.ParseDuration(l.fallback)
				if err != nil || d != want {
					t.Errorf("%s: the default %s became %v", where, l.fallback, d)
				}
			} else if fmt.Sprint(got) != l.fallback {
				t.Errorf("%s: the default %s became %v", where, l.fallback, got)
			}
		}
	})
	if fields < 90 {
		t.Errorf("only %d settings were looked at", fields)
	}
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		why, src string
		got      func(*File) any
		want     string
	}{
		{"a default where a table is left out", "models: []", func(f *File) any { return f.Rating.Method.Is }, "bradley-terry"},
		{"a default within a table", "judging: {orders: fixed}", func(f *File) any { return f.Judging.SkipOwnModel.Is }, "true"},
		{"a default within a table of a table", "judging: {orders: fixed}", func(f *File) any { return f.Judging.Panel.Mode.Is }, "mean"},
		{"a default of an entry", "datasets: [{path: p}]", func(f *File) any { return f.Datasets[0].Seed.Is }, "1"},
		{"a default of an embedded table", "judges: [{name: j}]", func(f *File) any { return f.Judges[0].Samples.Is }, "1"},
		{"what is written wins", "datasets: [{path: p, seed: 5}]", func(f *File) any { return f.Datasets[0].Seed.Is }, "5"},
		{"a whole number where a fraction may be", "rating: {k_factor: 8}", func(f *File) any { return f.Rating.KFactor.Is }, "8"},
		{"auto is 0", "default_endpoint: {concurrency: auto}", func(f *File) any { return f.DefaultEndpoint.Concurrency.Is }, "0"},
		{"a table in place of a word", "judging: {pairs: {random: 3}}", func(f *File) any { return f.Judging.Pairs.Is + fmt.Sprint(f.Judging.Pairs.Random.Is) }, "random3"},
		{"an endpoint by name", "models: [{endpoint: gpu}]", func(f *File) any { return f.Models[0].Endpoint.Name.Is }, "gpu"},
		{"an endpoint inline", "models: [{endpoint: {url: u}}]", func(f *File) any { return f.Models[0].Endpoint.Inline.URL.Is }, "u"},
		{"a place", "store:\n  path: p", func(f *File) any { return f.Store.Path.Mark }, "{2 9}"},
		{"no place where it is left out", "store: {}", func(f *File) any { return f.Store.Path.Set() }, "false"},
	} {
		var faults tree.Faults
		f := Read(tree.Read([]byte(c.src), noVariables, &faults), &faults)
		if got := fmt.Sprint(c.got(f)); got != c.want {
			t.Errorf("%s: %s gives %s; want %s", c.why, c.src, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		why, tag string
		v        float64
		want     string
	}{
		{"the smallest allowed", "minimum=1", 1, ""},
		{"below it", "minimum=1", 0, "is too small: write at least 1"},
		{"the bound that is not allowed", "exclusiveMinimum=0", 0, "is too small: write more than 0"},
		{"the largest allowed", "maximum=1", 1, ""},
		{"above it", "maximum=1", 1.5, "is too large: write at most 1"},
		{"the upper bound that is not allowed", "exclusiveMaximum=1", 1, "is too large: write less than 1"},
		{"no bound", "default=3", -1e300, ""},
	} {
		l := limitsOf(reflect.StructTag(`jsonschema:"` + c.tag + `"`))
		if got := l.check(c.v); got != c.want {
			t.Errorf("%s: %s of %v says %q; want %q", c.why, c.tag, c.v, got, c.want)
		}
	}
}

func TestEither(t *testing.T) {
	for _, c := range []struct{ words, want string }{{"a", "a"}, {"a b", "a or b"}, {"a b c", "a, b or c"}} {
		if got := either(strings.Fields(c.words)); got != c.want {
			t.Errorf("either(%s) = %q; want %q", c.words, got, c.want)
		}
	}
}
