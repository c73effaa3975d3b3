package web

import (
	"errors"
	"strconv"
	"strings"

	"openarena/pipeline"
	"openarena/pipeline/columns"
)

var battlesPage = page{name: "battles", path: "/battles", title: "Battles", uses: []string{"battles.js"}, make: makeBattles}

// onPage is how many battles a page of the list has.
const onPage = 50

// place is somewhere in the site, for a link.
type place struct {
	path  string
	query []string // pairs of key and value
}

// battleList is a page of the list of battles.
type battleList struct {
	All, Count  int // battles of the arena; those that are wanted
	First, Last int // of those that are shown, counted from 1
	Wrong       []string
	Form        filterForm
	Active      []activeFilter
	Bouts       []bout
	Start       *place // nil: there is none, or it is this page
	Previous    *place
	Next        *place
	End         *place
	Gone        bool     // the battle that the page is to begin with is not there any more
	Found       *results // where a text is looked for, instead of Bouts
}

func makeBattles(v *visit) (any, error) {
	t, err := tableOf(v)
	if err != nil {
		return nil, err
	}
	q, s, wrong, err := selected(v, t)
	if err != nil {
		return nil, err
	}
	l := battleList{All: t.Len(), Count: len(s.Rows), Wrong: wrong, Form: newFilterForm(v, t, s)}
	if len(wrong) > 0 {
		l.Count = 0
		return l, nil
	}
	if l.Active, err = activeFilters(t, s); err != nil {
		return nil, err
	}
	if searchText(v) != "" && len(s.Rows) > 0 {
		l.Found, err = makeResults(v)
		return l, err
	}
	from, there := l.begin(v, t, s)
	l.Gone = !there
	l.turn(q, t, s, from)
	rows := s.Rows[from:min(from+onPage, len(s.Rows))]
	l.First, l.Last = from+1, from+len(rows)
	l.Bouts, err = bouts(v, t, q, rows)
	return l, err
}

// tableOf is the battles of the arena as they are now, or while a run goes on were a moment ago.
func tableOf(v *visit) (*columns.Table, error) {
	return kept(v, "battles", func() (*columns.Table, error) { return v.arena.Columns(v, v.look) })
}

// selected are the battles that a visit asks for. What its query names and is not there is left out of the query, and told.
func selected(v *visit, t *columns.Table) (q columns.Query, s *columns.Selection, wrong []string, err error) {
	q = battlesQuery(v)
	for {
		s, err = t.Select(q)
		var unknown *columns.UnknownError
		if !errors.As(err, &unknown) {
			return q, s, wrong, err
		}
		wrong = append(wrong, unknown.Error())
		q = q.Without(unknown.By)
	}
}

// begin is where in the selection the page begins that a visit asks for; there: the battle that it is named after is known.
func (l *battleList) begin(v *visit, t *columns.Table, s *columns.Selection) (from int, there bool) {
	key := v.query.Get("page")
	if key == "" {
		return 0, true
	}
	if n, err := strconv.Atoi(key); err == nil { // of somebody who counts pages
		return max(0, min(n-1, (len(s.Rows)-1)/onPage)) * onPage, true
	}
	row, ok := findBattle(t, strings.Split(key, "-"))
	if !ok {
		return 0, false
	}
	at, _ := s.Place(row)
	if at == len(s.Rows) && at > 0 {
		at = (at - 1) / onPage * onPage
	}
	return at, true
}

// turn makes the links to other pages. A page is named after the battle that it begins with, so that it stays what it is when
// others come before it.
func (l *battleList) turn(q columns.Query, t *columns.Table, s *columns.Selection, from int) {
	at := func(i int) *place {
		i = max(0, i)
		if i == from || i >= len(s.Rows) {
			return nil
		}
		p := place{"/battles", pairsOf(q)}
		if i > 0 {
			b := t.Battle(int(s.Rows[i]))
			p.query = append(p.query, "page", strings.Join(battleKey(t, &b), "-"))
		}
		return &p
	}
	l.Start, l.Previous, l.Next = at(0), at(from-onPage), at(from+onPage)
	if n := len(s.Rows); from+onPage < n {
		l.End = at((n - 1) / onPage * onPage)
	}
}

// battleKey are the parts of a battle's address.
func battleKey(t *columns.Table, b *columns.Battle) []string {
	return []string{pipeline.Hash(b.Prompt.Hash).String(), sideName(t, b.A), sideName(t, b.B)}
}

func sideName(t *columns.Table, s columns.Side) string {
	return pipeline.Side{Contestant: t.Models[s.Model].ID, Sample: uint16(s.Sample)}.String()
}

// findBattle is the row of a battle by the parts of its address.
func findBattle(t *columns.Table, key []string) (row int, ok bool) {
	if len(key) != 3 {
		return 0, false
	}
	h, err := pipeline.ParsePrompt(key[0])
	if err != nil {
		return 0, false
	}
	var sides [2]columns.Side
	for i, text := range key[1:] {
		side, err := pipeline.ParseSide(text)
		if err != nil {
			return 0, false
		}
		if sides[i], ok = sideIn(t, side); !ok {
			return 0, false
		}
	}
	return t.Find(h, sides[0], sides[1])
}

func sideIn(t *columns.Table, side pipeline.Side) (columns.Side, bool) {
	for i, m := range t.Models {
		if m.ID == side.Contestant {
			return columns.Side{Model: i, Sample: int(side.Sample)}, true
		}
	}
	return columns.Side{}, false
}

// neighbours are the battles before and behind one in the list that a visit's query describes; nil: there is none.
type neighbours struct {
	Previous, Next *place
	List           *place // its page
	At, Of         int    // the place of the battle, counted from 1; 0: it is not in the list
}

// neighboursOf finds a battle in the list that a visit's query describes. The parts are those of its address.
func neighboursOf(v *visit, prompt, a, b string) (n neighbours, err error) {
	t, err := tableOf(v)
	if err != nil {
		return n, err
	}
	q, s, _, err := selected(v, t)
	if err != nil {
		return n, err
	}
	n.List, n.Of = &place{"/battles", pairsOf(q)}, len(s.Rows)
	key := []string{prompt, a, b}
	row, ok := findBattle(t, key)
	if !ok {
		return n, nil
	}
	n.List.query = append(n.List.query, "page", strings.Join(key, "-"))
	if at, in := s.Place(row); in {
		n.At = at + 1
		first := t.Battle(int(s.Rows[at/onPage*onPage]))
		n.List.query[len(n.List.query)-1] = strings.Join(battleKey(t, &first), "-")
	}
	to := func(row int) *place {
		if row < 0 {
			return nil
		}
		b := t.Battle(row)
		return battlePlace(t, q, &b)
	}
	previous, next := s.Neighbours(row)
	n.Previous, n.Next = to(previous), to(next)
	return n, nil
}

// battlePlace is the page of a battle, in a list.
func battlePlace(t *columns.Table, q columns.Query, b *columns.Battle) *place {
	return &place{"/battle/" + strings.Join(battleKey(t, b), "/"), pairsOf(q)}
}
