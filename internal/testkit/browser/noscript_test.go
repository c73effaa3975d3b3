package browser

import (
	"fmt"
	"strings"
	"testing"
)

// TestWithoutScripts: whoever lets no script run still reads the leaderboard, lists battles, filters them, reads one and votes.
func TestWithoutScripts(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	tab := open(t, serve(t, a).URL)
	check(t, tab.Scripts(false))
	check(t, tab.Go("/"))
	holds(t, tab, "Llama 3.2", "مرحبا 7B")
	check(t, tab.Go("/battles"))
	holds(t, tab, "What is the capital of Australia?", "Llama 3.2")
	must[bool](t)(Eval[bool](tab, `(() => { const f = [...document.forms].find(f => f.elements.model); f.elements.model.value = "Gemma"; f.requestSubmit(); return true })()`))
	check(t, tab.Wait(`location.search.includes("model=Gemma") && document.readyState === "complete"`))
	holds(t, tab, "Gemma")
	must[bool](t)(Eval[bool](tab, `(document.querySelector('main a[href^="/battle/"]').click(), true)`))
	check(t, tab.Wait(`location.pathname.startsWith("/battle/") && document.readyState === "complete"`))
	holds(t, tab, "Careful", "Hasty", "Gemma")

	check(t, tab.Go("/vote"))
	must[bool](t)(Eval[bool](tab, `(document.querySelector("#voter").value = "cy", document.querySelector("#voter").form.requestSubmit(), true)`))
	check(t, tab.Wait(`document.readyState === "complete" && document.querySelector("#choices")`))
	before := pair(t, tab)
	must[bool](t)(Eval[bool](tab, `(document.querySelector('#choices [value="left"]').click(), true)`))
	check(t, tab.Wait(fmt.Sprintf(`document.readyState === "complete" && document.querySelector('#choices [name="pair"]')?.value !== %q`, before)))
	if all := exported(t, a); len(all) != 1 || all[0].Voter != "cy" {
		t.Errorf("votes export tells %v; want one vote of cy", all)
	}
}

func holds(t *testing.T, tab *Tab, words ...string) {
	t.Helper()
	text := must[string](t)(Eval[string](tab, `document.querySelector("main").innerText`))
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not show %q:\n%s", w, short(text))
		}
	}
}
