package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// infoEntry is a dataset in LLaMA-Factory's dataset_info.json. Columns that are left out of a list that is there are unset.
type infoEntry struct {
	FileName   string            `json:"file_name"`
	Formatting string            `json:"formatting"`
	Ranking    bool              `json:"ranking,omitempty"`
	Columns    map[string]string `json:"columns"`
}

// named is an entry under its name.
type namedEntry struct {
	name string
	text []byte // JSON
}

// infoEntries are those of an export: the file, and the one for evaluation.
func infoEntries(path string, o Options) (all []namedEntry) {
	paths := []string{path}
	if o.EvalSplit > 0 {
		paths = append(paths, EvalPath(path))
	}
	for _, p := range paths {
		file := filepath.Base(p)
		e := infoEntry{FileName: file, Formatting: "sharegpt", Columns: map[string]string{"messages": "conversations"}}
		switch o.Type {
		case "preference":
			e.Ranking = true
			e.Columns["chosen"], e.Columns["rejected"] = "chosen", "rejected"
		case "kto":
			e.Columns["kto_tag"] = "label"
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			panic("export: strings cannot be written as JSON: " + err.Error()) // cannot happen
		}
		name := strings.TrimSuffix(file, filepath.Ext(file))
		all = append(all, namedEntry{strings.ReplaceAll(name, ".", "_"), b.Bytes()})
	}
	return all
}

// mergeDatasetInfo puts entries into a dataset_info.json, in the place of those with their names or behind the others, which
// stay as they are and in their order.
func mergeDatasetInfo(old []byte, add []namedEntry) ([]byte, error) {
	var all []namedEntry
	if len(bytes.TrimSpace(old)) > 0 {
		var err error
		if all, err = readDatasetInfo(old); err != nil {
			return nil, err
		}
	}
	for _, a := range add {
		at := -1
		for i, e := range all {
			if e.name == a.name {
				at = i
			}
		}
		if at < 0 {
			all = append(all, a)
			continue
		}
		all[at].text = a.text
	}
	b := []byte{'{'}
	for i, e := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(appendString(b, e.name), ':'), e.text...)
	}
	var out bytes.Buffer
	err := json.Indent(&out, append(b, '}'), "", "  ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

// readDatasetInfo reads an object whose values are kept as they are.
func readDatasetInfo(text []byte) (all []namedEntry, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.Join(errors.New("it is no JSON object"), err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		all = append(all, namedEntry{name.(string), value})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows its end")
	}
	return all, nil
}

func replaceText(path string, text []byte) error {
	return Replace(path, func(w io.Writer, _ int64) error {
		_, err := w.Write(text)
		return err
	})
}
