package web

import (
	"openarena/pipeline"
	"openarena/pipeline/columns"
)

// pack is what a report holds of one prompt, drawn as the site does. Each text is in it once as it is, and those of models once
// more as their Markdown says.
type pack struct {
	question
	Bouts   []packedBout
	Held    []sideShown
	Met     []packedMeeting
	Replies bool
}

// packedBout is a row of the list, with the address of its sides.
type packedBout struct {
	Sides string
	bout
}

// Row is the row alone.
func (b packedBout) Row() bout { return b.bout }

// packedMeeting is a battle with the replies of judges in a list of their own: nothing can be fetched.
type packedMeeting struct {
	*meetingShown
	Sides   string
	X, Y    *pipeline.Answer
	Replies []packedReply
}

type packedReply struct {
	Judge, First string
	Text         *passage
}

// take takes of a prompt the battles of a chapter, and the answers that met in them.
func (p *pack) take(view *pipeline.View, d *pipeline.Dossier, t *columns.Table, c chapter) {
	p.question = newQuestion(d)
	wanted, held := map[string]bool{}, map[string]bool{}
	for _, row := range c.rows {
		b := inFileOrder(t.Battle(row))
		x, y := sideName(t, b.A), sideName(t, b.B)
		wanted[x+"/"+y], held[x], held[y] = true, true, true
	}
	for i := range d.Answers {
		if a := &d.Answers[i]; held[a.Side.String()] {
			p.Held = append(p.Held, newSide(d.Prompt, a))
		}
	}
	for i := range d.Battles {
		m := &d.Battles[i]
		x, y := &d.Answers[m.A], &d.Answers[m.B]
		if sides := x.Side.String() + "/" + y.Side.String(); wanted[sides] {
			p.Met = append(p.Met, packedMeeting{
				meetingShown: newMeeting(view, d, m, &place{path: "/battle/" + d.Prompt.String() + "/" + sides}), Sides: sides, X: x, Y: y,
			})
			p.Met[len(p.Met)-1].detach(p.Replies)
		}
	}
}

// detach takes the replies from the verdicts, which lead to where they could be fetched, and keeps them if they are wanted.
func (m *packedMeeting) detach(keep bool) {
	var from func(judge string, r *rulingShown)
	from = func(judge string, r *rulingShown) {
		for _, a := range r.Replies {
			if keep {
				m.Replies = append(m.Replies, packedReply{judge, r.FirstName, newPassage(a.Text, nil)})
			}
		}
		r.Replies = nil
		for i := range r.Halves {
			from(judge, &r.Halves[i])
		}
	}
	for i := range m.Judges {
		for k := range m.Judges[i].Rulings {
			from(m.Judges[i].Name, &m.Judges[i].Rulings[k])
		}
	}
}
