package web

import (
	"openarena/pipeline"
)

var battlePage = page{name: "battle", path: "/battle/{prompt}/{a}/{b}", make: makeBattle}

// duel is one prompt with two of its answers.
type duel struct {
	*pipeline.Dossier
	A, B *pipeline.Answer
	Met  *pipeline.Meeting // nil: the two do not meet
}

func makeBattle(v *visit) (any, error) {
	prompt, err := pipeline.ParsePrompt(v.path("prompt"))
	if err != nil {
		return nil, err
	}
	var sides []pipeline.Side
	for _, name := range []string{"a", "b"} {
		side, err := pipeline.ParseSide(v.path(name))
		if err != nil {
			return nil, err
		}
		sides = append(sides, side)
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return nil, err
	}
	d := duel{}
	if d.Dossier, err = view.Dossier(v, prompt, pipeline.Reading{Sides: sides, Texts: true}); err != nil {
		return nil, err
	}
	if d.A, err = d.Answer(sides[0]); err != nil {
		return nil, err
	}
	if d.B, err = d.Answer(sides[1]); err != nil {
		return nil, err
	}
	if len(d.Battles) > 0 {
		d.Met = &d.Battles[0]
	}
	return d, nil
}
