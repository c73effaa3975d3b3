package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// opened is what a browser measured of a page: milliseconds from the start of its loading.
const opened = `(() => { const n = performance.getEntriesByType("navigation")[0]; return [n.domContentLoadedEventEnd, n.loadEventEnd] })()`

// TestReport opens a report from the disk, where nothing else can be reached: its parts, in every view, and printed.
func TestReport(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	must[string](t)(a.Run(t.Context(), "report", "-o", "report.html"))
	path := filepath.Join(a.Folder, "report.html")
	at := must[os.FileInfo](t)(os.Stat(path))
	tab := open(t, "file://")
	check(t, tab.Go(path))
	spent := must[[]float64](t)(Eval[[]float64](tab, opened))
	t.Logf("%d bytes; all there after %v, loaded after %v", at.Size(), milliseconds(spent[0]), milliseconds(spent[1]))

	parts := must[[]string](t)(Eval[[]string](tab, `[...document.querySelectorAll("header nav a")].map(a => a.hash)`))
	for _, part := range parts {
		for _, v := range Views {
			t.Run(part[1:]+" in "+v.String(), func(t *testing.T) {
				check(t, tab.Look(v))
				check(t, tab.Go(path+part))
				check(t, tab.Wait(`document.querySelectorAll("main > section:not(.elsewhere)").length === 1`))
				inspect(t, tab, v)
			})
		}
	}
	check(t, tab.Look(Views[2]))
	t.Run("used", func(t *testing.T) { used(t, tab, path) })
	t.Run("printed", func(t *testing.T) { printed(t, tab) })
}

func milliseconds(n float64) time.Duration {
	return time.Duration(n * float64(time.Millisecond)).Round(time.Millisecond)
}

// used goes through a report as a reader does: filters and searches its battles, opens one, compares its answers, turns the theme.
func used(t *testing.T, tab *Tab, path string) {
	check(t, tab.Go(path+"#battles"))
	check(t, tab.Wait(`document.querySelector("#found").innerText.includes("54")`)) // 9 prompts, 6 pairs
	must[bool](t)(Eval[bool](tab, `(() => { const m = document.querySelector('#filters [name="model"]'); m.value = "Gemma"; m.dispatchEvent(new Event("change", {bubbles: true})); return true })()`))
	check(t, tab.Wait(`document.querySelector("#found").innerText.includes("27")`))
	must[bool](t)(Eval[bool](tab, `(() => { const q = document.querySelector("#filters #q"); q.value = "capital of Australia"; q.dispatchEvent(new Event("input", {bubbles: true})); return true })()`))
	check(t, tab.Wait(`document.querySelectorAll("#battles .bouts .open").length === 3`))
	must[bool](t)(Eval[bool](tab, `(document.querySelector("#battles .bouts .open").click(), true)`))
	check(t, tab.Wait(`document.querySelector("#battle [data-answers]").innerText.length > 20`))
	check(t, tab.Press("d"))
	check(t, tab.Wait(`document.querySelector('#battle [data-view="diff"]').ariaPressed === "true" && document.querySelector("#battle mark, #battle ins, #battle del")`))
	must[bool](t)(Eval[bool](tab, `(document.querySelector("button.theme").click(), true)`))
	check(t, tab.Wait(`document.documentElement.dataset.theme === "dark"`))
	clean(t, tab)
}
