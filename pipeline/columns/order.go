package columns

import (
	"cmp"
	"runtime"
	"slices"
	"sort"
	"sync"
)

// leastShare is how many prompts are worth a core of their own.
const leastShare = 512

// pick looks at all battles, on all cores.
func (t *Table) pick(s sieve) *Selection {
	n := max(1, min(runtime.GOMAXPROCS(0), len(t.order)/leastShare))
	parts := make([]*picker, n)
	var looking sync.WaitGroup
	for i := range parts {
		parts[i] = newPicker(t, s)
		looking.Go(func() { parts[i].look(i*len(t.order)/n, (i+1)*len(t.order)/n) })
	}
	looking.Wait()
	all := parts[0]
	for _, p := range parts[1:] {
		all.rows = append(all.rows, p.rows...)
		all.add(p)
	}
	return &Selection{Counts: all.named(), Rows: all.rows, table: t, order: s.order}
}

// add adds what another picker has counted.
func (k *picker) add(p *picker) {
	for i := range k.counts.Without {
		k.counts.Without[i] += p.counts.Without[i]
	}
	k.counts.Flipped += p.counts.Flipped
	k.counts.Disagree += p.counts.Disagree
	mine, others := k.lists(), p.lists()
	for i := range mine {
		for j := range mine[i] {
			mine[i][j] += others[i][j]
		}
	}
}

func (k *picker) lists() [9][]int {
	c := &k.counts
	return [...][]int{c.Models, c.Versus, c.Outcomes, c.Judges, c.Verdicts, c.Flags, c.People, k.groups[0], k.groups[1]}
}

// named are the counts, those of groups by dataset and category.
func (k *picker) named() Counts {
	k.counts.Categories = map[string]int{}
	for i, g := range k.t.groups {
		k.counts.Datasets[g.dataset] += k.groups[0][i]
		if n := k.groups[1][i]; n > 0 {
			k.counts.Categories[g.name()] += n
		}
	}
	k.counts.Flags = k.counts.Flags[:len(k.t.Flags)]
	return k.counts
}

// weight is what the order of a query goes by, the greatest first.
func (s *Selection) weight(row int) int {
	switch s.order {
	case 0:
		return int(s.table.spread[row])
	case 1:
		level := int(s.table.level[row])
		return max(level, -level)
	}
	return 0
}

// sort puts rows, which are in the order of datasets, in that of the query: by counting, since weights are small numbers.
func (s *Selection) sort() {
	if s.order < 0 {
		return
	}
	var ends [2*levelUnit + 2]int // by weight: behind the last row of it
	for _, row := range s.Rows {
		ends[s.weight(int(row))]++
	}
	sum := 0
	for w := len(ends) - 1; w >= 0; w-- {
		sum, ends[w] = sum+ends[w], sum
	}
	sorted := make([]uint32, len(s.Rows))
	for _, row := range s.Rows {
		w := s.weight(int(row))
		sorted[ends[w]] = row
		ends[w]++
	}
	s.Rows = sorted
}

// compare orders rows as the query wants them.
func (s *Selection) compare(x, y int) int {
	t := s.table
	return cmp.Or(s.weight(y)-s.weight(x), t.comparePrompts(t.promptOf(x), t.promptOf(y)), x-y)
}

// comparePrompts orders prompts by dataset and row there.
func (t *Table) comparePrompts(i, j int) int {
	return cmp.Or(t.groups[t.group[i]].dataset-t.groups[t.group[j]].dataset, cmp.Compare(t.row[i], t.row[j]))
}

// Place is where a row of the table stands in a selection, or where it would stand if it were in it.
func (s *Selection) Place(row int) (place int, in bool) {
	return sort.Find(len(s.Rows), func(i int) int { return s.compare(row, int(s.Rows[i])) })
}

// Neighbours are the rows before and behind one in a selection that it need not be in itself; -1: there is none.
func (s *Selection) Neighbours(row int) (previous, next int) {
	previous, next = -1, -1
	at, in := s.Place(row)
	if at > 0 {
		previous = int(s.Rows[at-1])
	}
	if in {
		at++
	}
	if at < len(s.Rows) {
		next = int(s.Rows[at])
	}
	return previous, next
}

// mostRecent is how many selections a table keeps, each of four bytes a row.
const mostRecent = 4

// recent are the selections that were made last.
type recent struct {
	mu  sync.Mutex
	all []*Selection // the last one first
}

func (r *recent) get(q Query) *Selection {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.all, func(s *Selection) bool { return s.Query == q })
	if i < 0 {
		return nil
	}
	s := r.all[i]
	copy(r.all[1:], r.all[:i])
	r.all[0] = s
	return s
}

func (r *recent) put(s *Selection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.Insert(r.all, 0, s)
	if len(r.all) > mostRecent {
		r.all = slices.Delete(r.all, mostRecent, len(r.all))
	}
}
