package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Verification says how a file stands to its manifest, and to what an arena yields now.
type Verification struct {
	File   string `json:"file"`
	Rows   int    `json:"rows"`             // that the manifest says
	Intact bool   `json:"intact"`           // the file has the manifest's checksum
	Same   bool   `json:"same"`             // the arena yields the very rows of the file
	Differ *Place `json:"differ,omitempty"` // where it first does not
	// What is not as it was when the file was written.
	Settings []string `json:"settings,omitempty"` // paths, such as judging.orders
	Datasets []string `json:"datasets,omitempty"` // labels
	Judges   []string `json:"judges,omitempty"`   // names; rubrics and templates are part of a judge
	Prompts  *Change  `json:"prompts,omitempty"`
	Parser   *Change  `json:"parser_version,omitempty"`
	Tool     string   `json:"tool,omitempty"` // the version that wrote the file
}

// Place is a row that is not the same, from 1, with a piece of it as the file has it and as the arena yields it; "" where one has no
// such row.
type Place struct {
	Row   int    `json:"row"`
	File  string `json:"file"`
	Arena string `json:"arena"`
}

// Change is a number that was and is.
type Change struct {
	Then int `json:"then"`
	Now  int `json:"now"`
}

// Good reports whether nothing is to be said against the file.
func (v *Verification) Good() bool { return v.Intact && v.Same }

// Verify re-derives an exported file from an arena, with the options of its manifest, and compares the rows. The file is only read. An
// error says that it could not be tried: a *UsageError where nothing is known of the file.
func Verify(ctx context.Context, path string, a Arena) (*Verification, error) {
	path, _ = target(path)
	f, source, err := entryOf(path)
	if err != nil {
		return nil, err
	}
	sum, err := checksum(path)
	if err != nil {
		return nil, err
	}
	v := &Verification{File: filepath.Base(path), Rows: f.Rows(), Intact: sum == f.SHA256, Tool: f.Tool}
	if v.Differ, err = firstDifference(ctx, path, a, f); err != nil {
		return nil, err
	}
	v.Same = v.Differ == nil
	now, err := a.Provenance(ctx)
	if err != nil {
		return nil, err
	}
	if err := now.count(ctx, io.Discard); err != nil {
		return nil, err
	}
	v.changes(source, *now)
	return v, nil
}

// Known says whether a manifest tells how a file was made; a *UsageError says what is missing.
func Known(path string) error {
	path, _ = target(path)
	if _, err := os.Stat(path); err != nil {
		return &UsageError{fmt.Sprintf("verify: %v", err)}
	}
	_, _, err := entryOf(path)
	return err
}

// entryOf is what the manifest beside a file says of it.
func entryOf(path string) (f File, s Provenance, err error) {
	m, err := ReadManifest(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return f, s, &UsageError{fmt.Sprintf("there is no %s beside %s, so nothing is known of how it was made", ManifestName, path)}
	}
	if err != nil {
		return f, s, err
	}
	f, ok := m.Files[filepath.Base(path)]
	if !ok {
		return f, s, &UsageError{fmt.Sprintf("%s says nothing of %s: it is no export, or writing it was cut short; export it again",
			filepath.Join(filepath.Dir(path), ManifestName), filepath.Base(path))}
	}
	return f, m.Provenance[f.MadeFrom], nil
}

func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// changes notes in what two sources differ.
func (v *Verification) changes(then, now Provenance) {
	v.Settings = differences("", parsed(then.Config), parsed(now.Config))
	v.Datasets = differing(then.Datasets, now.Datasets, func(d DatasetUsed) string { return d.Label })
	v.Judges = differing(then.Judges, now.Judges, func(j JudgeUsed) string { return j.Name })
	if then.Prompts.SHA256 != now.Prompts.SHA256 {
		v.Prompts = &Change{then.Prompts.Count, now.Prompts.Count}
	}
	if then.ParserVersion != now.ParserVersion {
		v.Parser = &Change{then.ParserVersion, now.ParserVersion}
	}
}

// differing are the names of what is only in one list, or not the same in both.
func differing[T any](then, now []T, name func(T) string) (names []string) {
	texts := map[string]int{} // how often it is in one list more than in the other
	called := map[string]string{}
	count := func(list []T, step int) {
		for _, x := range list {
			text, _ := json.Marshal(x)
			texts[string(text)] += step
			called[string(text)] = name(x)
		}
	}
	count(then, 1)
	count(now, -1)
	for text, n := range texts {
		if n != 0 && !slices.Contains(names, called[text]) {
			names = append(names, called[text])
		}
	}
	slices.Sort(names)
	return names
}

func parsed(text json.RawMessage) (v any) {
	_ = json.Unmarshal(text, &v) // what is no JSON differs from everything
	return v
}

// differences are the paths at which two JSON values are not the same.
func differences(path string, a, b any) (paths []string) {
	if list, ok := a.([]any); ok {
		a = byPlace(list)
	}
	if list, ok := b.([]any); ok {
		b = byPlace(list)
	}
	x, isX := a.(map[string]any)
	y, isY := b.(map[string]any)
	if !isX || !isY {
		if fmt.Sprint(a) != fmt.Sprint(b) {
			return []string{path}
		}
		return nil
	}
	all := maps.Clone(x)
	maps.Copy(all, y)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		below := key
		if path != "" && strings.HasPrefix(key, "[") {
			below = path + key
		} else if path != "" {
			below = path + "." + key
		}
		paths = append(paths, differences(below, x[key], y[key])...)
	}
	return paths
}

// byPlace is a list as a table with keys such as [0].
func byPlace(list []any) map[string]any {
	table := make(map[string]any, len(list))
	for i, v := range list {
		table[fmt.Sprintf("[%d]", i)] = v
	}
	return table
}
