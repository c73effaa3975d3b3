package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"path/filepath"
)

// Provenance is what files are made from.
type Provenance struct {
	Config        json.RawMessage `json:"config"` // all settings that decide on results, canonical, without keys
	Datasets      []DatasetUsed   `json:"datasets"`
	Judges        []JudgeUsed     `json:"judges"`
	ParserVersion int             `json:"parser_version"` // of the rules by which judges' replies are read
	Prompts       PromptsUsed     `json:"prompts"`

	// Hashes yields the hash of each prompt, in the order of the datasets.
	Hashes func(context.Context) iter.Seq2[string, error] `json:"-"`
}

// DatasetUsed is a dataset as the database holds it.
type DatasetUsed struct {
	Label       string `json:"label"`
	Commit      string `json:"commit,omitempty"` // of a dataset on the Hub
	Fingerprint string `json:"fingerprint"`      // of the contents of its files
	Rows        int    `json:"rows"`             // usable ones
	Prompts     int    `json:"prompts"`          // different ones
}

// JudgeUsed is a judge with all that its questions and the meaning of its replies depend on.
type JudgeUsed struct {
	Name       string          `json:"name"`
	Identity   string          `json:"identity"` // under which the database knows it
	Definition json.RawMessage `json:"definition"`
}

// PromptsUsed are the prompts of an arena. Their digest is always here: it is the SHA-256 of their hashes, one a line. The hashes are
// too where they are few; else they lie in a file beside, so that a manifest can be read and written anew for every export of a million
// prompts. That file is what the digest is of.
type PromptsUsed struct {
	Count  int      `json:"count"`
	SHA256 string   `json:"sha256"`
	Hashes []string `json:"hashes,omitempty"`
	File   string   `json:"file,omitempty"`
}

// fewPrompts are listed in the manifest itself.
const fewPrompts = 1000

const (
	listPrefix = "openarena.prompts-"
	listEnding = ".txt"
)

// name is what a source is called: a digest of all of it.
func (s *Provenance) name() (string, error) {
	text, err := json.Marshal(s)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

// count counts and hashes the prompts. Hashes beyond the first few are not kept.
func (s *Provenance) count(ctx context.Context, w io.Writer) error {
	sum := sha256.New()
	lines := bufio.NewWriter(io.MultiWriter(sum, w))
	s.Prompts = PromptsUsed{}
	for hash, err := range s.Hashes(ctx) {
		if err != nil {
			return err
		}
		if s.Prompts.Count++; s.Prompts.Count <= fewPrompts {
			s.Prompts.Hashes = append(s.Prompts.Hashes, hash)
		}
		fmt.Fprintln(lines, hash)
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	s.Prompts.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if s.Prompts.Count > fewPrompts {
		s.Prompts.Hashes, s.Prompts.File = nil, listPrefix+s.Prompts.SHA256[:12]+listEnding
	}
	return nil
}

// list counts the prompts and, where they are many, writes their hashes to a file.
func (s *Provenance) list(ctx context.Context, dir string, e *edition) error {
	if err := s.count(ctx, io.Discard); err != nil || s.Prompts.File == "" {
		return err
	}
	return e.add(filepath.Join(dir, s.Prompts.File), func(w io.Writer, _ int64) error { return s.count(ctx, w) })
}
