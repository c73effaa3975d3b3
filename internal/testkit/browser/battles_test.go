package browser

import "testing"

// TestBattlesByKeyboard goes through the list by keys alone: down, up, into a text that is searched while it is typed, from one hit
// to the next, and into its battle.
func TestBattlesByKeyboard(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	tab := open(t, serve(t, a).URL)
	check(t, tab.Go("/battles"))
	at := func(n string) string {
		return `[...document.querySelectorAll(".bouts .open")].indexOf(document.activeElement) === ` + n
	}
	for _, step := range []struct{ key, where string }{{"j", "0"}, {"j", "1"}, {"k", "0"}} {
		check(t, tab.Press(step.key))
		check(t, tab.Wait(at(step.where)))
	}
	check(t, tab.Press("/"))
	check(t, tab.Wait(`document.activeElement.id === "q"`))
	must[bool](t)(Eval[bool](tab, `(document.getElementById("q").value = "", true)`)) // the driver types a key that was taken
	check(t, tab.Press("CAPITAL of"))
	check(t, tab.Wait(`document.querySelectorAll(".hit").length > 0 && /that is all/.test(document.getElementById("search-state").textContent)`))
	check(t, tab.Wait(`[...document.querySelectorAll(".hit mark")].every(m => m.textContent.toLowerCase() === "capital of") && location.search.includes("q=CAPITAL")`))
	check(t, tab.Press(" that nobody asks for"))
	check(t, tab.Wait(`document.querySelectorAll(".hit").length === 0 && /none of the texts/.test(document.getElementById("search-state").textContent)`))
	check(t, tab.Reload())
	check(t, tab.Wait(`/none of the texts/.test(document.getElementById("search-state").textContent)`))
	check(t, tab.Go("/battles?q=capital"))
	check(t, tab.Press("j"))
	check(t, tab.Wait(`document.activeElement.matches(".hits .open")`))
	check(t, tab.Press("\r"))
	check(t, tab.Wait(`location.pathname.startsWith("/battle/")`))
}
