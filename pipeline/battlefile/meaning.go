package battlefile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"openarena/pipeline/rating"
)

// row is a battle with numbers of its block.
type row struct {
	Battle
	prompt uint64 // hash of it
	own    bool   // there is no prompt
}

// pointsOf is what A gets where that word is the winner. Beside a and b, FastChat's files say model_a, model_b and "tie
// (bothbad)", and arena-rank reads "both_bad"; both count it as a tie.
func pointsOf(word []byte) (points float64, ok bool) {
	switch string(word) {
	case "a", "model_a":
		return 1, true
	case "b", "model_b":
		return 0, true
	case "tie", "tie (bothbad)", "both_bad":
		return 0.5, true
	}
	return 0, false
}

// verdicts are what a judge said in words, with A shown first.
var verdicts = map[string]float64{"A>>B": 1, "A>B": 1, "A=B": 0.5, "B>A": 0, "B>>A": 0}

// read makes a battle of the fields of a line.
func (b *block) read(l *line, want *fields) error {
	r := row{Battle: Battle{Weight: 1, First: 1}}
	if err := b.readModels(l, &r); err != nil {
		return err
	}
	if err := readOutcome(l, &r); err != nil {
		return err
	}
	if err := b.readContext(l, &r, want); err != nil {
		return err
	}
	for f := lengthA; f < known; f++ {
		if l.seen&(1<<f) == 0 {
			continue
		}
		if _, err := l.count(f); err != nil {
			return err
		}
	}
	for _, f := range want.counts {
		if !l.has(f) || !l.has(f+1) {
			return fmt.Errorf("%v or %v is missing; without both on every line the ratings cannot be controlled for %s", f, f+1, counts[(f-lengthA)/2])
		}
		x, _ := l.count(f)
		y, _ := l.count(f + 1)
		b.sides = append(b.sides, [2]float64{x, y})
	}
	b.rows = append(b.rows, r)
	return nil
}

func (b *block) readModels(l *line, r *row) error {
	var names [2][]byte
	for i, f := range [...]field{modelA, modelB} {
		name, err := l.text(f)
		if err != nil {
			return err
		}
		if blank(name) {
			return fmt.Errorf("%v is missing; every battle names both models", f)
		}
		names[i] = name
	}
	if bytes.Equal(names[0], names[1]) {
		return fmt.Errorf("%s meets itself; leave such battles out", show(names[0]))
	}
	r.A, r.B = b.models.of(names[0]), b.models.of(names[1])
	return nil
}

func blank(name []byte) bool {
	if len(name) > 0 && name[0] > ' ' && name[0] < utf8.RuneSelf { // as most begin
		return false
	}
	return len(bytes.TrimSpace(name)) == 0
}

// readOutcome sets who won, which a line says in exactly one way.
func readOutcome(l *line, r *row) error {
	switch hasWinner, hasPoints := l.has(winner), l.has(pointsA); {
	case hasWinner && hasPoints:
		return errors.New("it has both winner and p_a; leave one out")
	case hasWinner:
		word, err := l.text(winner)
		if err != nil {
			return err
		}
		points, ok := pointsOf(word)
		if !ok {
			return fmt.Errorf("winner is %s; write a, b or tie (model_a, model_b, both_bad are read, too)", show(word))
		}
		r.Score, r.Share = points, points
		return nil
	case hasPoints:
		p, err := l.number(pointsA)
		if err == nil && !(p >= 0 && p <= 1) {
			err = fmt.Errorf("p_a is %v, not between 0 and 1: it is the points of model_a, of 1 in all", p)
		}
		r.Score, r.Share = p, p
		return err
	}
	return readVerdict(l, r)
}

// readVerdict reads a row of `openarena export --type battles`.
func readVerdict(l *line, r *row) error {
	how, err := l.text(state)
	if err != nil {
		return err
	}
	if r.Invalid = string(how) == "invalid"; r.Invalid {
		return nil
	}
	if !l.has(verdict) {
		return errors.New("it has neither winner (a, b or tie) nor p_a (points of model_a, 0 to 1)")
	}
	word, err := l.text(verdict)
	if err != nil {
		return err
	}
	points, ok := verdicts[string(word)]
	if !ok {
		return fmt.Errorf("verdict is %s, none of A>>B, A>B, A=B, B>A, B>>A", show(word))
	}
	r.Score, r.Share = points, points
	if !l.has(scoreA) || !l.has(scoreB) {
		return nil
	}
	x, err := l.count(scoreA)
	if err != nil {
		return err
	}
	y, err := l.count(scoreB)
	if share := x / (x + y); share >= 0 && share <= 1 { // not where both are 0
		r.Share = share
	}
	return err
}

// readContext sets what else a line says of its battle.
func (b *block) readContext(l *line, r *row, want *fields) error {
	if l.has(weight) {
		w, err := l.number(weight)
		if err != nil {
			return err
		}
		if !(w >= rating.MinWeight && w <= rating.MaxWeight) {
			return fmt.Errorf("weight is %v, not between %g and %g; leave out battles that do not count", w, rating.MinWeight, rating.MaxWeight)
		}
		r.Weight = w
	}
	if l.has(shownFirst) {
		side, err := l.text(shownFirst)
		if err != nil {
			return err
		}
		switch string(side) {
		case "a", "model_a":
		case "b", "model_b":
			r.First = -1
		default:
			return fmt.Errorf("shown_first is %s; write a or b", show(side))
		}
	}
	key, err := l.prompt()
	if err != nil {
		return err
	}
	if want.clusters && !r.Invalid {
		r.own = key == nil
		r.prompt = xxhash.Sum64(key)
	}
	if want.by == known {
		return nil
	}
	group, err := l.label(want.by)
	if err == nil {
		r.Group = b.groups.of(group)
	}
	return err
}

// prompt is what tells the prompt of a line from others; nil if there is none.
func (l *line) prompt() ([]byte, error) {
	if l.has(prompt) {
		return l.label(prompt)
	}
	return l.label(promptHash)
}

// text is a field that must be text; nil if it is missing.
func (l *line) text(f field) ([]byte, error) {
	v := l.get(f)
	if v.kind == kindNumber || v.kind == kindOther {
		return nil, fmt.Errorf("%v is %v; put text in quotes there", f, v.kind)
	}
	return v.text, nil
}

// label is a field that names something: 7 is the same as "7".
func (l *line) label(f field) ([]byte, error) {
	v := l.get(f)
	if v.kind == kindOther {
		return nil, fmt.Errorf("%v is %v; write one of these", f, v.kind)
	}
	return v.text, nil
}

// number is a field that must be a finite number.
func (l *line) number(f field) (float64, error) {
	v := l.get(f)
	if v.kind != kindNumber && v.kind != kindCell {
		return 0, fmt.Errorf("%v is %v; write a number without quotes", f, v.kind)
	}
	if n, ok := digits(v.text); ok {
		return n, nil
	}
	n, err := strconv.ParseFloat(string(v.text), 64)
	if v.kind == kindCell && (errors.Is(err, strconv.ErrSyntax) || !decimal(v.text)) {
		return 0, fmt.Errorf("%v is %s, not a number", f, show(v.text))
	}
	if err != nil || math.IsInf(n, 0) {
		return 0, fmt.Errorf("%v is %s, which is too large a number", f, show(v.text))
	}
	return n, nil
}

// decimal reports whether a number is written with digits alone: strconv reads Inf, 0x10 and 1_0, too.
func decimal(s []byte) bool { return len(bytes.Trim(s, "+-.0123456789eE")) == 0 }

// count is a field that must be a number that can be counted to.
func (l *line) count(f field) (float64, error) {
	if !l.has(f) {
		return 0, nil
	}
	n, err := l.number(f)
	if err == nil && n < 0 {
		err = fmt.Errorf("%v is %v; it cannot be less than 0", f, n)
	}
	return n, err
}

// digits reads the numbers that most are.
func digits(s []byte) (n float64, ok bool) {
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	whole := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		whole = whole*10 + int(c-'0')
	}
	return float64(whole), true
}

// show is a value fit for a message.
func show(s []byte) string {
	const most = 60
	if len(s) <= most {
		return strconv.Quote(string(s))
	}
	s = s[:most]
	for len(s) > 0 && !utf8.Valid(s) {
		s = s[:len(s)-1]
	}
	return strconv.Quote(string(s) + "…")
}
