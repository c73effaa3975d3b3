package fleet

import (
	"bytes"
	"slices"
	"sort"
	"time"

	"openarena/pipeline"
)

// model is a contestant or a judge.
type model struct {
	judge bool
	who   pipeline.ID
}

// outline is what a plan is made from: how far each part is, and who takes from which queue.
type outline struct {
	epoch  int64
	now    time.Time
	parts  map[model][]state // by range
	before map[model][]model // whose work may make more work for a judge
	served map[string]bool   // queues that somebody takes from
	given  map[string]bool   // queues that somebody has given up
	fate   map[model][]fate  // of parts, as far as it was asked for
	alive  int64             // workers
}

// fate is what a plan thinks of a part.
type fate struct {
	known   bool
	settled bool // nothing of it will be asked for any more in this epoch
	idle    bool // nothing of it can be asked for now
	due     bool // somebody should look at it
}

// relook is how often a judge looks at prompts that are being answered.
const relook = 10 * time.Second

func newOutline(epoch int64, now time.Time, all []state, before map[model][]model) *outline {
	o := &outline{epoch: epoch, now: now, parts: map[model][]state{}, before: before, served: map[string]bool{}, given: map[string]bool{}, fate: map[model][]fate{}}
	for _, s := range all {
		m := model{s.Judge, s.Who}
		o.parts[m] = append(o.parts[m], s)
	}
	for m, of := range o.parts {
		slices.SortFunc(of, func(a, b state) int { return bytes.Compare(a.From[:], b.From[:]) })
		o.fate[m] = make([]fate, len(of))
	}
	return o
}

// of is the fate of part i of a model.
func (o *outline) of(m model, i int) fate {
	if f := o.fate[m][i]; f.known {
		return f
	}
	s := o.parts[m][i]
	f := fate{known: true}
	fresh := s.epoch == o.epoch && !s.looked.IsZero() && s.looked.Unix() > 0
	switch {
	case fresh && s.complete:
		f.settled, f.idle = true, true
	case !fresh || s.remaining > 0:
		f.due = true
	case !m.judge: // it waits for nothing, and nothing is left
		f.settled, f.idle = true, true
	default:
		f.settled, f.idle = true, true
		for _, b := range o.before[m] {
			for j := range o.meeting(b, s.Part) {
				other := o.parts[b][j]
				f.settled = f.settled && o.of(b, j).settled
				news := other.changed.After(s.looked)
				f.due = f.due || news || other.held && o.now.Sub(s.looked) > relook
				f.idle = f.idle && !news
			}
		}
		f.settled = f.settled && f.idle
	}
	o.fate[m][i] = f
	return f
}

// meeting yields the places of a model's parts that share prompts with p.
func (o *outline) meeting(m model, p pipeline.Part) func(func(int) bool) {
	of := o.parts[m]
	first := sort.Search(len(of), func(i int) bool { return bytes.Compare(of[i].To[:], p.From[:]) >= 0 })
	return func(yield func(int) bool) {
		for i := first; i < len(of) && bytes.Compare(of[i].From[:], p.To[:]) <= 0; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// plan says which parts are to be handed out, and what there is to come.
func (o *outline) plan() (due []pipeline.Part, look Outlook) {
	look = Outlook{Of: o.epoch, Answers: true, Verdicts: true, Whole: true}
	gone, unserved := map[string]bool{}, map[string]bool{}
	for m, of := range o.parts {
		queue := queueOf(m.judge, m.who)
		for i := range of {
			f := o.of(m, i)
			if f.due {
				due = append(due, of[i].Part)
			}
			if f.settled {
				continue
			}
			look.Parts++
			switch {
			case o.served[queue]:
			case o.given[queue]:
				gone[queue] = true
				continue
			default:
				unserved[queue] = true
			}
			if m.judge {
				look.Verdicts = look.Verdicts && f.idle
			} else {
				look.Answers = false
			}
			look.Whole = look.Whole && o.hopeless(m, of[i])
		}
	}
	slices.SortFunc(due, func(a, b pipeline.Part) int {
		return bytes.Compare(append(a.From[:], a.Who[:]...), append(b.From[:], b.Who[:]...))
	})
	look.Workers = o.alive
	look.Given, look.Unserved = sorted(gone), sorted(unserved)
	return due, look
}

// deserted are parts that nobody takes, and of which nobody knows what is missing: in the order of their hashes, answers
// before what is said of them.
func (o *outline) deserted() (all []pipeline.Part) {
	for m, of := range o.parts {
		queue := queueOf(m.judge, m.who)
		if o.served[queue] || o.given[queue] {
			continue
		}
		for i, s := range of {
			if known := s.epoch == o.epoch && s.remaining > 0; !known && o.of(m, i).due {
				all = append(all, s.Part)
			}
		}
	}
	slices.SortFunc(all, func(a, b pipeline.Part) int {
		if a.Judge != b.Judge {
			if b.Judge {
				return -1
			}
			return 1
		}
		return bytes.Compare(append(a.From[:], a.Who[:]...), append(b.From[:], b.Who[:]...))
	})
	return all
}

// hopeless reports whether a judge's part waits only for who was given up.
func (o *outline) hopeless(m model, s state) bool {
	if !m.judge || s.epoch != o.epoch || s.remaining > 0 {
		return false
	}
	for _, b := range o.before[m] {
		queue := queueOf(b.judge, b.who)
		for i := range o.meeting(b, s.Part) {
			if o.parts[b][i].changed.After(s.looked) {
				return false
			}
			if !o.of(b, i).settled && (o.served[queue] || !o.given[queue]) {
				return false
			}
		}
	}
	return true
}

func sorted(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for s := range set {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// befores says whose work may make more work for each judge.
func befores(a *pipeline.Arena) map[model][]model {
	var whole pipeline.Part
	for i := range whole.To {
		whole.To[i] = 0xff
	}
	var all []pipeline.Part
	for i := range a.Contestants {
		whole.Judge, whole.Who = false, a.Contestants[i].ID
		all = append(all, whole)
	}
	for i := range a.Judges {
		whole.Judge, whole.Who = true, a.Judges[i].ID
		all = append(all, whole)
	}
	before := map[model][]model{}
	for _, p := range all {
		m := model{p.Judge, p.Who}
		for _, q := range a.Before(p, all) {
			before[m] = append(before[m], model{q.Judge, q.Who})
		}
	}
	return before
}
