package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard walks through every page with Tab alone: whatever a mouse can press is reached, and is seen to be.
func TestKeyboard(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	tab := open(t, serve(t, a).URL)
	check(t, tab.Look(View{Width: 1280, Height: 900}))
	for _, path := range crawl(t, tab) {
		t.Run(path, func(t *testing.T) {
			check(t, tab.Go(path))
			skips(t, tab)
			walk(t, tab)
			clean(t, tab)
		})
	}
	check(t, tab.Go("/"))
	t.Run("a table is sorted", func(t *testing.T) { sorts(t, tab) })
}

// skips presses the link to the content, which must be the first thing that Tab reaches and must be visible then.
func skips(t *testing.T, tab *Tab) {
	t.Helper()
	check(t, tab.Press(kb.Tab))
	if where := must[string](t)(Eval[string](tab, `document.activeElement.hash + " " + (document.activeElement.getBoundingClientRect().height > 10)`)); where != "#main true" {
		t.Errorf("the first thing is %q; want a visible link to #main", where)
	}
	check(t, tab.Press(kb.Enter))
	check(t, tab.Wait(`document.activeElement.id === "main" || location.hash === "#main"`))
	check(t, tab.Reload())
}

// reachable gives every element that a mouse can press a number, and returns how many there are. Of radio buttons one is reached
// by Tab, the others by arrows.
const reachable = `(() => {
	let n = 0;
	for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
		if (e.disabled || e.tabIndex < 0 || e.type === "hidden" || e.type === "radio" || !e.checkVisibility({visibilityProperty: true})) continue;
		e.setAttribute("data-walk", n++);
	}
	return n;
})()`

// focused is the number of the element that has the focus, -1 where it is none of them, and whether that is to be seen: a ring
// around it, or a picture of it that is another than without.
const focused = `(() => {
	const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
	const ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none";
	const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	return {number: Number(e.getAttribute("data-walk") ?? -1), ring, inside, html: e.outerHTML.slice(0, 120)};
})()`

type focus struct {
	Number       int
	Ring, Inside bool
	HTML         string
}

// most is how many elements a walk visits; lists of a hundred battles go on in the same way.
const most = 150

func walk(t *testing.T, tab *Tab) {
	t.Helper()
	n := must[int](t)(Eval[int](tab, reachable))
	seen := map[int]bool{}
	for range min(n, most) + 5 {
		check(t, tab.Press(kb.Tab))
		f := must[focus](t)(Eval[focus](tab, focused))
		if f.Number < 0 || seen[f.Number] {
			continue // the browser's own, between the end and the beginning
		}
		seen[f.Number] = true
		if !f.Ring || !f.Inside {
			t.Errorf("focus is not visible (ring %v, in the window %v): %s", f.Ring, f.Inside, f.HTML)
		}
	}
	if len(seen) < min(n, most) {
		missed := must[[]string](t)(Eval[[]string](tab, fmt.Sprintf(`(seen => [...document.querySelectorAll("[data-walk]")].filter(e => !seen.includes(Number(e.dataset.walk))).slice(0, 5).map(e => e.outerHTML.slice(0, 120)))(%s)`, list(seen))))
		t.Errorf("Tab reaches %d of %d elements; not %q", len(seen), n, missed)
	}
}

func list(set map[int]bool) string {
	text := "["
	for n := range set {
		text += fmt.Sprint(n, ",")
	}
	return text + "]"
}

// sorts sorts the first table that can be by its last column, and back.
func sorts(t *testing.T, tab *Tab) {
	const column = `[...document.querySelectorAll("th button")].filter(b => b.checkVisibility()).at(-1)`
	check(t, tab.Wait(column))
	order := func() string {
		return must[string](t)(Eval[string](tab, column+`.closest("table").tBodies[0].innerText`))
	}
	check(t, tab.Wait(`(`+column+`.focus(), document.activeElement === `+column+`)`))
	check(t, tab.Press(kb.Enter))
	check(t, tab.Wait(column+`.closest("th").ariaSort`))
	first, sorted := order(), must[string](t)(Eval[string](tab, column+`.closest("th").ariaSort`))
	check(t, tab.Press(kb.Enter))
	check(t, tab.Wait(fmt.Sprintf(column+`.closest("th").ariaSort !== %q`, sorted)))
	if second := order(); first == second {
		t.Errorf("the table stands as it did, sorted the other way:\n%s", first)
	}
	clean(t, tab)
}
