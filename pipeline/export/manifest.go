package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ManifestName is the file that says what the exported files of its folder were made from.
const ManifestName = "openarena.json"

// manifestVersion rises when older programs would misread a manifest.
const manifestVersion = 1

// Manifest says what the exported files of a folder were made from, so that anyone who has the database can make them again. It
// holds no time, no machine, no folder of one and no key.
type Manifest struct {
	Version    int                   `json:"format"`
	Files      map[string]File       `json:"files"`      // by name
	Provenance map[string]Provenance `json:"provenance"` // by what File.MadeFrom says

	dir string
}

// File is one exported file.
type File struct {
	Options  Options `json:"options"`
	Eval     bool    `json:"eval,omitempty"` // the part for evaluation of two
	Summary  Summary `json:"summary"`        // of both parts
	Bytes    int64   `json:"bytes"`
	SHA256   string  `json:"sha256"`
	Tool     string  `json:"tool,omitempty"` // the version that wrote it
	MadeFrom string  `json:"made_from"`      // the provenance, by name
}

// Rows is how many are in the file.
func (f File) Rows() int {
	if f.Eval {
		return f.Summary.EvalRows
	}
	return f.Summary.Rows - f.Summary.EvalRows
}

// ReadManifest reads that of a folder. Where there is none the error wraps [fs.ErrNotExist].
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil || m.Version == 0 {
		return nil, &UsageError{fmt.Sprintf("%s is none that openarena wrote: move it away, or export into another folder", path)}
	}
	if m.Version > manifestVersion {
		return nil, &UsageError{fmt.Sprintf("%s was written by a newer openarena: use that one, or export into another folder", path)}
	}
	m.dir = dir
	return &m, nil
}

// openManifest is ReadManifest, or a new one where there is none.
func openManifest(dir string) (*Manifest, error) {
	m, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &Manifest{Version: manifestVersion, dir: dir}, nil
	}
	return m, err
}

// Lists are the names of the files beside that hold prompt hashes.
func (m *Manifest) Lists() (names []string) {
	for _, s := range m.Provenance {
		if s.Prompts.File != "" {
			names = append(names, s.Prompts.File)
		}
	}
	return names
}

// without is m without files that are about to be replaced, those that are gone, and what no file is made from.
func (m *Manifest) without(replaced map[string]File) *Manifest {
	next := &Manifest{Version: manifestVersion, Files: map[string]File{}, Provenance: map[string]Provenance{}, dir: m.dir}
	for name, f := range m.Files {
		_, now := replaced[name]
		if _, err := os.Stat(filepath.Join(m.dir, name)); !now && err == nil {
			next.Files[name], next.Provenance[f.MadeFrom] = f, m.Provenance[f.MadeFrom]
		}
	}
	return next
}

func (m *Manifest) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(m)
}

// draft writes a manifest beside its place.
func (m *Manifest) draft(e *edition) error {
	return e.add(filepath.Join(m.dir, ManifestName), func(w io.Writer, _ int64) error { return m.write(w) })
}

// removeLists removes lists of prompts that no source refers to. It may fail: they are only litter.
func (m *Manifest) removeLists() {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return
	}
	kept := m.Lists()
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), listPrefix) && strings.HasSuffix(e.Name(), listEnding)
		if ours && !slices.Contains(kept, e.Name()) {
			os.Remove(filepath.Join(m.dir, e.Name()))
		}
	}
}
