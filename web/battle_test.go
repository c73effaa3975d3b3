package web

import (
	"strings"
	"testing"

	"openarena/pipeline"
	"openarena/store"
)

// battlePaths are the addresses of all battles of a world's arena, in the order of the prompts' keys.
func (w *world) battlePaths() (paths []string) {
	w.t.Helper()
	w.view(func(v *pipeline.View, r store.Reader) {
		for p, err := range v.Prompts(w.t.Context(), false) {
			if err != nil {
				w.t.Fatal(err)
			}
			h, err := pipeline.ParsePrompt(p.Hash)
			if err != nil {
				w.t.Fatal(err)
			}
			d, err := v.Dossier(w.t.Context(), h, pipeline.Reading{})
			if err != nil {
				w.t.Fatal(err)
			}
			for _, m := range d.Battles {
				paths = append(paths, "/battle/"+p.Hash+"/"+d.Answers[m.A].Side.String()+"/"+d.Answers[m.B].Side.String())
			}
		}
	})
	return paths
}

// view has do look at the database of a world.
func (w *world) view(do func(*pipeline.View, store.Reader)) {
	w.t.Helper()
	look := w.look()
	v, err := w.arena.View(w.t.Context(), look)
	if err != nil {
		w.t.Fatal(err)
	}
	do(v, look)
}

func TestBattle(t *testing.T) {
	w := newWorld(t)
	path := w.battlePaths()[0]
	text := w.page(path)
	t.Log(text)
	for _, want := range []string{"against"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q:\n%s", path, want, text)
		}
	}
}
