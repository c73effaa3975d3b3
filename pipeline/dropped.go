package pipeline

import (
	"fmt"
	"slices"
	"strings"
)

// Dropped are the rows of a dataset that a setting under `prompts` took.
type Dropped struct {
	Setting string   `json:"setting"` // min_chars, max_chars, exclude, near_duplicates
	Rows    int      `json:"rows"`
	Why     []string `json:"why"` // of the first of them, each with its place
}

// drop notes a row that was dropped.
func (m *manifest) drop(setting, why string) {
	i := slices.IndexFunc(m.Dropped, func(d Dropped) bool { return d.Setting == setting })
	if i < 0 {
		i = len(m.Dropped)
		m.Dropped = append(m.Dropped, Dropped{Setting: setting})
	}
	d := &m.Dropped[i]
	if d.Rows++; len(d.Why) < mostExplained {
		d.Why = append(d.Why, why)
	}
}

// nothingLeft says that no prompt is left, and which settings took them.
func (m *manifest) nothingLeft() error {
	var took []string
	for _, d := range m.Dropped {
		took = append(took, fmt.Sprintf("%s %d, the first at %s", d.Setting, d.Rows, d.Why[0]))
	}
	return fmt.Errorf("none of its %d rows is left by the settings under prompts: %s", m.Rows, strings.Join(took, "; "))
}

// dropped is how many rows were dropped in all.
func (m *manifest) dropped() (n int) {
	for _, d := range m.Dropped {
		n += d.Rows
	}
	return n
}

// droppedNotes says what was dropped, a sentence for each setting.
func (m *manifest) droppedNotes() (notes []string) {
	for _, d := range m.Dropped {
		notes = append(notes, fmt.Sprintf("dataset %s: rows that prompts.%s leaves out: %d; the first: %s", m.Label, d.Setting, d.Rows, d.Why[0]))
	}
	return notes
}

// sharedNotes says which datasets have prompts of earlier ones.
func (c *census) sharedNotes() (notes []string) {
	for i, n := range c.shared {
		if n > 0 {
			notes = append(notes, fmt.Sprintf("dataset %s: prompts that an earlier dataset has, too, and that count once: %d", c.arena.Config.Datasets[i].Label(), n))
		}
	}
	return notes
}
