package battlefile

import (
	"errors"
	"fmt"
	"slices"
)

// field is one that is known.
type field uint8

const (
	modelA field = iota
	modelB
	winner
	pointsA
	weight
	prompt
	promptHash
	judge
	dataset
	category
	shownFirst
	state
	verdict
	scoreA
	scoreB
	lengthA // from here on what is counted of both answers, first that of A, then that of B
	lengthB
	headersA
	headersB
	listsA
	listsB
	boldA
	boldB
	known
)

// fieldNames are as files have them. prompt_hash, state, verdict and the scores are what `openarena export --type battles` writes.
var fieldNames = [known]string{
	"model_a", "model_b", "winner", "p_a", "weight", "prompt", "prompt_hash", "judge", "dataset", "category", "shown_first",
	"state", "verdict", "score_a", "score_b",
	"len_a", "len_b", "headers_a", "headers_b", "lists_a", "lists_b", "bold_a", "bold_b",
}

func (f field) String() string { return fieldNames[f] }

// fieldOf is what a name means; known if nothing.
func fieldOf(name []byte) field {
	switch string(name) {
	case "model_a":
		return modelA
	case "model_b":
		return modelB
	case "winner":
		return winner
	case "p_a":
		return pointsA
	case "weight":
		return weight
	case "prompt":
		return prompt
	case "prompt_hash":
		return promptHash
	case "judge":
		return judge
	case "dataset":
		return dataset
	case "category":
		return category
	case "shown_first":
		return shownFirst
	case "state":
		return state
	case "verdict":
		return verdict
	case "score_a":
		return scoreA
	case "score_b":
		return scoreB
	}
	return countOf(name)
}

func countOf(name []byte) field {
	switch string(name) {
	case "len_a":
		return lengthA
	case "len_b":
		return lengthB
	case "headers_a":
		return headersA
	case "headers_b":
		return headersB
	case "lists_a":
		return listsA
	case "lists_b":
		return listsB
	case "bold_a":
		return boldA
	case "bold_b":
		return boldB
	}
	return known
}

// counts are what Want.Counts may name, in the order of the fields from lengthA on.
var counts = []string{"length", "headers", "lists", "bold"}

// fields is a Want in terms of fields.
type fields struct {
	clusters bool
	counts   []field // the side of A; that of B is the next
	by       field   // known: none
}

func (w Want) fields() (fields, error) {
	out := fields{clusters: w.Clusters, by: known}
	for _, name := range w.Counts {
		i := slices.Index(counts, name)
		if i < 0 {
			return out, fmt.Errorf("a file of battles cannot say %q of answers", name)
		}
		out.counts = append(out.counts, lengthA+field(2*i))
	}
	if w.By != "" {
		if out.by = fieldOf([]byte(w.By)); out.by != judge && out.by != dataset && out.by != category {
			return out, errors.New("battles are grouped by dataset, category or judge, not by " + w.By)
		}
	}
	return out, nil
}

// kind is how a value is written.
type kind uint8

const (
	kindMissing kind = iota // also null, and an empty cell
	kindText
	kindNumber // the text of a JSON number
	kindCell   // of a CSV file: text or number
	kindOther  // true, false, a list or an object
)

func (k kind) String() string {
	return [...]string{"missing", "text", "a number", "text", "neither text nor a number"}[k]
}

type value struct {
	text []byte
	kind kind
}

// line holds the known fields of one line.
type line struct {
	seen   uint32 // by field: values[field] is of this line
	values [known]value
}

func (l *line) get(f field) value {
	if l.seen&(1<<f) == 0 {
		return value{}
	}
	return l.values[f]
}

func (l *line) has(f field) bool { return l.get(f).kind != kindMissing }

// put reports false where the line has the field already.
func (l *line) put(f field, v value) bool {
	if l.seen&(1<<f) != 0 {
		return false
	}
	l.seen |= 1 << f
	l.values[f] = v
	return true
}
