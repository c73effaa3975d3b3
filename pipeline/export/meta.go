package export

import "slices"

// Columns of --with-meta. Trainers that hand unknown columns on to their collators fail on them, so that nobody gets them unasked.
var (
	pairMeta = []column{
		{"prompt_id", aText}, {"chosen_model", aText}, {"rejected_model", aText}, {"margin", aNumber}, {"chosen_score", aNumber},
		{"rejected_score", aNumber}, {"judges", listOf(aText)}, {"agreement", aNumber}, {"consistent", aTruth},
	}
	answerMeta = []column{{"prompt_id", aText}, {"model", aText}, {"score", aNumber}, {"judges", listOf(aText)}}
)

// meta are the columns beside those that the trainer reads, without any that it reads already.
func (t *training) meta() []column {
	if t.takes != takesPairs {
		return answerMeta
	}
	return slices.DeleteFunc(slices.Clone(pairMeta), func(c column) bool { return t.reads(c.name) })
}

// reads reports whether the trainer has a column of that name.
func (t *training) reads(name string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.name == name })
}

func (s *selection) appendMeta(row []value) []value {
	x := &s.example
	row = append(row, text(x.prompt.Hash), text(x.chosen.Model))
	if s.takes != takesPairs {
		return append(row, decimal(x.score), s.judges(func(j *Judgment) bool { return j.First == x.place || j.Second == x.place }))
	}
	c := &x.contest
	row = append(row, text(x.rejected.Model))
	if !s.reads("margin") {
		row = append(row, decimal(c.margin()))
	}
	return append(row, scoreOf(x.scores, c.winner()), scoreOf(x.scores, c.loser()),
		s.judges(func(j *Judgment) bool {
			return c.derived && c.has(j) || min(j.First, j.Second) == c.a && max(j.First, j.Second) == c.b
		}),
		decimal(c.agreement()), truth(!c.flips))
}

// has reports whether a judgment is about one of the two answers.
func (c *contest) has(j *Judgment) bool {
	return j.First == c.a || j.First == c.b || j.Second == c.a || j.Second == c.b
}

// between reports whether a judgment compares the two.
func (c *contest) between(j *Judgment) bool {
	return min(j.First, j.Second) == c.a && max(j.First, j.Second) == c.b
}

// agreement is the share of the judges that prefer the winner; 1 where none of them compared the two.
func (c *contest) agreement() float64 {
	if c.judges == 0 {
		return 1
	}
	return float64(c.agree) / float64(c.judges)
}

func scoreOf(scores []mean, place int) value {
	if scores[place].weight <= 0 {
		return value{}
	}
	return decimal(scores[place].value())
}

// judges are the names of those that were heard in judgments that fit.
func (s *selection) judges(fits func(*Judgment) bool) value {
	var few [8]value
	names := few[:0]
	for i := range s.example.prompt.Judgments {
		j := &s.example.prompt.Judgments[i]
		known := slices.ContainsFunc(names, func(v value) bool { return v.text == j.Judge })
		if fits(j) && j.Weight > 0 && !known {
			names = append(names, text(j.Judge))
		}
	}
	return s.scratch.list(names...)
}
