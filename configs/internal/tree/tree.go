// Package tree reads YAML into values that know their places.
//
// It is stricter than YAML where YAML guesses: a second document, a key said twice, a number that other readers would
// take for something else, a tag, a file that unfolds without end are faults. Anchors, aliases and merge keys work, and
// ${NAME} in a value is replaced from the environment. The result holds no more than [MaxNodes] values however often
// aliases repeat them, so that whoever walks it is bounded.
package tree

import "fmt"

// Limits of a file. They are far above what a person writes.
const (
	MaxBytes  = 256 << 10 // of the file, and of all texts with variables put in
	MaxDepth  = 64        // lists and tables inside each other
	MaxTokens = 20_000    // words and signs of the file; the parser's time is quadratic in them
	MaxNodes  = 100_000   // values, those behind aliases counted as often as they are used
)

// Mark is a place: line and column (in characters), counted from 1. The zero Mark says "not in the file".
type Mark struct{ Line, Col int }

// Set reports whether the mark is a place in the file.
func (m Mark) Set() bool { return m.Line > 0 }

// Fault is one thing wrong at one place.
type Fault struct {
	Mark
	What string
}

// Faults collects what is wrong, in the order of finding. The same fault at the same place, as when an alias leads to
// it again, is kept once.
type Faults struct {
	list []Fault
	seen map[Fault]bool
}

// Add notes a fault at a place.
func (f *Faults) Add(at Mark, format string, args ...any) {
	fault := Fault{at, fmt.Sprintf(format, args...)}
	if f.seen[fault] {
		return
	}
	if f.seen == nil {
		f.seen = make(map[Fault]bool)
	}
	f.seen[fault] = true
	f.list = append(f.list, fault)
}

// List returns what was noted.
func (f *Faults) List() []Fault { return f.list }

// Kind is what a value is.
type Kind uint8

const (
	Broken Kind = iota // its fault is noted already; nothing more is to be said about it
	Null
	Bool
	Int
	Float
	Odd // a number or not, depending on who reads it: .inf, 0x1F, 1_000, 007
	Text
	List
	Table
)

// String is the kind in words that follow "not": "a list", "text".
func (k Kind) String() string {
	return [...]string{"broken", "nothing", "true or false", "a whole number", "a fraction", "an unusual number", "text", "a list", "a table of keys"}[k]
}

// Node is a value. Aliases of one anchor are one Node.
type Node struct {
	Mark
	Kind    Kind
	Text    string  // of a scalar, variables put in
	Plain   bool    // written without quotes
	Varied  bool    // holds text from the environment
	Hidden  bool    // from the environment, or behind a key that keeps a secret: never to be shown
	Items   []*Node // of a List
	Entries []Entry // of a Table, in the file's order, merged ones last

	size, depth int // of all values below and itself, aliases unfolded
}

// Entry is one key of a table.
type Entry struct {
	Mark  // of the key
	Key   string
	Value *Node
}

// Get returns the value of a key, or nil.
func (n *Node) Get(key string) *Node {
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Show is the value as a message may quote it: cut to 40 characters, and *** where it came from the environment.
func (n *Node) Show() string {
	switch {
	case n.Kind == List || n.Kind == Table || n.Kind == Null || n.Kind == Broken:
		return n.Kind.String()
	case n.Hidden:
		return "***"
	case n.Kind == Text:
		return fmt.Sprintf("text %q", cut(n.Text))
	}
	return cut(n.Text)
}

func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
