package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unicode/utf8"

	"openarena/configs"
	"openarena/pipeline/judge"
	"openarena/providers"
)

// Contestant is a model of the file with its identity.
type Contestant struct {
	configs.Model
	ID         ID
	Definition []byte // ID is the hash of it
	Place      int    // in the file
}

// Judge is a judge of the file with its identity, as it judges under one rubric.
type Judge struct {
	configs.Judge
	ID         ID
	Definition []byte
	Place      int
	protocol   judge.Protocol
	rubric     *configs.Rubric // nil: none
	refers     bool            // it is shown references
	alone      bool            // it is shown one answer at a time: what it says of battles is derived
	words      ownWords
}

// ownWords are a judge's own template; the zero value: it has none.
type ownWords struct {
	text     string
	template *judge.Template
}

// largestTemplate is far more than any judge would read.
const largestTemplate = 1 << 20

// readTemplate reads the file that a judge names.
func readTemplate(c *configs.Config, j configs.Judge) (w ownWords, err error) {
	if j.Template == "" {
		return w, nil
	}
	protocol, err := judge.Lookup(j.Protocol)
	if err != nil {
		return w, fmt.Errorf("judge %q: %w", j.Name, err)
	}
	if info, err := os.Stat(c.Resolve(j.Template)); c.Texts == nil && err == nil && !info.Mode().IsRegular() { // a pipe would have us wait
		return w, fmt.Errorf("judge %q: its template %s is no regular file", j.Name, j.Template)
	}
	text, err := c.ReadFile(j.Template)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, fmt.Errorf("judge %q: its template %s is not there; its path begins at the folder of %s", j.Name, j.Template, c.Path)
	case err != nil:
		return w, fmt.Errorf("judge %q: read its template: %w", j.Name, err)
	case len(text) > largestTemplate || !utf8.Valid(text):
		return w, fmt.Errorf("judge %q: its template %s is no text of up to 1 MiB in UTF-8", j.Name, j.Template)
	}
	w.text = string(text)
	if w.template, err = judge.ParseTemplate(protocol, j.Template, w.text); err != nil {
		return w, fmt.Errorf("judge %q: its template cannot be used:\n%w", j.Name, err)
	}
	return w, nil
}

func newContestant(m configs.Model, place int) (Contestant, error) {
	text, err := m.Definition()
	if err != nil {
		return Contestant{}, fmt.Errorf("model %q: %w", m.Name, err)
	}
	return Contestant{Model: m, ID: sum[ID](text), Definition: text, Place: place}, nil
}

func newJudge(j configs.Judge, place int, rubric *configs.Rubric, words ownWords) (Judge, error) {
	protocol, err := judge.Lookup(j.Protocol)
	if err != nil {
		return Judge{}, fmt.Errorf("judge %q: %w", j.Name, err)
	}
	text, err := j.Definition(protocol.Version(), rubric, words.text)
	if err != nil {
		return Judge{}, fmt.Errorf("judge %q: %w", j.Name, err)
	}
	made := Judge{Judge: j, ID: sum[ID](text), Definition: text, Place: place, protocol: protocol, rubric: rubric, words: words}
	made.refers, made.alone = judge.Refers(protocol, made.settings()), judge.Pointwise(protocol)
	return made, nil
}

// promptHash is the hash of the messages' canonical JSON, and that JSON.
func promptHash(messages []providers.Message) (Hash, []byte, error) {
	text, err := encode(messages)
	if err != nil {
		return Hash{}, nil, err
	}
	return sum[Hash](text), text, nil
}

// encode is JSON with the keys of maps sorted and no escaping for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// explain is what a judge gave as its reason.
func (j *Judge) explain(words reply, c judge.Case) string {
	return j.read(words.judged(), c).Explanation
}
