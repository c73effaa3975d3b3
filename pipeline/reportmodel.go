package pipeline

// shortAnswer is below how many characters an answer is strikingly short.
const shortAnswer = 20

// modelTally counts what looks odd about a contestant.
type modelTally struct {
	answers            frequent
	short, shortWinner int64
}

// seeShort counts a battle of a strikingly short answer against a longer one.
func (r *reporter) seeShort(m meeting, all margins) {
	a, b := m.lengths[0] < shortAnswer, m.lengths[1] < shortAnswer
	if a == b || all.weight == 0 {
		return
	}
	i, level := 0, all.level
	if b {
		i, level = 1, -level
	}
	t := &r.models[m.places[i]]
	t.short++
	if level > 0 {
		t.shortWinner++
	}
}

func (t *modelTally) report(name string) ModelReport {
	return ModelReport{Model: name, Repeated: newRate(t.answers.most(), t.answers.n), ShortWins: newRate(t.shortWinner, t.short)}
}

// frequent finds a text that occurs often among any number of texts, in the memory of a few of them: whatever is more than
// one of nine is among them, and is counted too low by one of nine at most.
//
// J. Misra, D. Gries, Finding repeated elements, Science of Computer Programming 2 (1982), 143–152.
type frequent struct {
	texts  [8]Digest
	counts [8]int64
	n      int64
}

func (f *frequent) see(d Digest) {
	f.n++
	free := -1
	for i := range f.texts {
		if f.counts[i] > 0 && f.texts[i] == d {
			f.counts[i]++
			return
		}
		if f.counts[i] == 0 && free < 0 {
			free = i
		}
	}
	if free >= 0 {
		f.texts[free], f.counts[free] = d, 1
		return
	}
	for i := range f.counts {
		f.counts[i]--
	}
}

// most is how often the most frequent text occurs, at least; 1 says nothing.
func (f *frequent) most() (n int64) {
	for _, c := range f.counts {
		n = max(n, c)
	}
	return n
}
