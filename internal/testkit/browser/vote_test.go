package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestVote is a session of votes by keyboard alone, with an undo and a reload in its midst, while a second person votes as
// well. What both said is in the database in the end.
func TestVote(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	site := serve(t, a)
	ann, ben := open(t, site.URL), open(t, site.URL)
	for name, tab := range map[string]*Tab{"ann": ann, "بن": ben} {
		check(t, tab.Look(View{Width: 1280, Height: 900}))
		check(t, tab.Go("/vote"))
		sit(t, tab, name)
	}
	blind(t, ann)
	votes(t, ann, "1")
	votes(t, ann, "3")
	votes(t, ben, kb.ArrowRight)
	votes(t, ann, "2")
	votes(t, ann, "u") // takes 2 back, and shows the pair again
	votes(t, ann, kb.ArrowDown)
	here := pair(t, ann)
	check(t, ann.Reload())
	check(t, ann.Wait(`document.querySelector("#choices")`))
	if now := pair(t, ann); now != here {
		t.Error("another pair is shown after a reload")
	}
	inspect(t, ann, View{Width: 1280, Height: 900})
	votes(t, ben, "4")
	votes(t, ann, kb.ArrowLeft)
	check(t, ann.Wait(`!document.querySelector("#choices")`)) // that was the last of the four
	inspect(t, ann, View{Width: 1280, Height: 900})

	told := map[string]int{}
	for _, v := range exported(t, a) {
		kind := "decided"
		if v.Winner != "a" && v.Winner != "b" {
			kind = "tie"
		}
		told[v.Voter+" "+kind]++
	}
	want := map[string]int{"ann decided": 2, "ann tie": 2, "بن decided": 1, "بن tie": 1}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("votes export tells of %v; want %v", told, want)
	}
}

type vote struct{ Voter, Winner string }

func exported(t *testing.T, a *Arena) (all []vote) {
	t.Helper()
	for line := range strings.Lines(must[string](t)(a.Run(t.Context(), "votes", "export"))) {
		var v vote
		check(t, json.Unmarshal([]byte(line), &v))
		all = append(all, v)
	}
	return all
}

// sit says who votes, and on four pairs, by keyboard.
func sit(t *testing.T, tab *Tab, name string) {
	t.Helper()
	reach(t, tab, `document.activeElement.id === "voter"`)
	check(t, tab.Press(name))
	reach(t, tab, `document.activeElement.id === "goal"`)
	check(t, tab.Press(strings.Repeat(kb.Delete, 6)+strings.Repeat(kb.Backspace, 6)+"4"+kb.Enter))
	check(t, tab.Wait(`document.querySelector("#choices")`))
}

// reach presses Tab until a condition holds.
func reach(t *testing.T, tab *Tab, condition string) {
	t.Helper()
	for range 60 {
		if must[bool](t)(Eval[bool](tab, condition)) {
			return
		}
		check(t, tab.Press(kb.Tab))
	}
	t.Fatalf("Tab does not come to where %s", condition)
}

func pair(t *testing.T, tab *Tab) string {
	t.Helper()
	return must[string](t)(Eval[string](tab, `document.querySelector('#choices [name="pair"]').value`))
}

// votes presses a key and waits until the page shows something else.
func votes(t *testing.T, tab *Tab, key string) {
	t.Helper()
	before := pair(t, tab)
	check(t, tab.Press(key))
	check(t, tab.Wait(fmt.Sprintf(`document.readyState === "complete" && document.querySelector('#choices [name="pair"]')?.value !== %q`, before)))
}

// blind fails a ballot that tells whose answers it shows.
func blind(t *testing.T, tab *Tab) {
	t.Helper()
	text := must[string](t)(Eval[string](tab, `document.documentElement.outerHTML`))
	for _, name := range []string{"Llama 3.2", "Qwen2.5", "مرحبا 7B", "Gemma", "Careful", "Hasty"} {
		if strings.Contains(text, name) {
			t.Errorf("the ballot holds the name %q", name)
		}
	}
}
