package browser

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPages opens every page that the site leads to, in every view.
func TestPages(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	tab := open(t, serve(t, a).URL)
	paths := crawl(t, tab)
	t.Logf("pages: %q", paths)
	for _, path := range paths {
		for _, v := range Views {
			check(t, tab.Look(v))
			t.Run(fmt.Sprintf("%s in %s", path, v), func(t *testing.T) {
				check(t, tab.Go(path))
				inspect(t, tab, v)
			})
		}
	}
}

// inspect fails a page that is wider than its window, or complains, or that some cannot read; also with all open. What some
// cannot read is looked for on a phone in the dark and on a desk in the light: axe-core takes its time.
func inspect(t *testing.T, tab *Tab, v View) {
	t.Helper()
	defer func() {
		clean(t, tab)
		if t.Failed() {
			keepPicture(t, tab)
		}
	}()
	fits(t, tab)
	axed := v.Width == 360 && v.Dark || v.Width == 1280 && !v.Dark
	if axed {
		audited(t, tab, "as it opens")
	}
	if must[int](t)(Eval[int](tab, `[...document.querySelectorAll("details:not([open])")].map(d => d.open = true).length`)) > 0 {
		fits(t, tab)
		if axed {
			audited(t, tab, "with all open")
		}
	}
}

// fits fails a page that scrolls sideways.
func fits(t *testing.T, tab *Tab) {
	t.Helper()
	wide := must[[]string](t)(Eval[[]string](tab, `(() => {
		const room = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= room) return [];
		return ["the page is " + document.documentElement.scrollWidth + " wide in " + room].concat(
			[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > room + 1 &&
				(!e.closest(".scroll") || getComputedStyle(e).position === "absolute")).slice(0, 5).map(e => e.outerHTML.slice(0, 120)));
	})()`))
	if len(wide) > 0 {
		t.Error(strings.Join(wide, "\n"))
	}
}

func audited(t *testing.T, tab *Tab, when string) {
	t.Helper()
	for _, found := range must[[]string](t)(tab.Audit()) {
		t.Errorf("%s: %s", when, found)
	}
}

// ids are parts of addresses that tell two pages of one kind apart.
var ids = regexp.MustCompile(`[0-9a-f]{16,}`)

// kind is what a page's address has in common with those like it.
func kind(address *url.URL) string {
	keys := make([]string, 0, 4)
	for key := range address.Query() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return ids.ReplaceAllString(address.Path, "ID") + "?" + strings.Join(keys, "&")
}

// crawl follows links from the first page, and returns one address of each kind of page. Most links lead to lists that
// differ by a filter: a few kinds of them will do.
func crawl(t *testing.T, tab *Tab) []string {
	t.Helper()
	paths, seen, times := []string{"/"}, map[string]bool{"/?": true}, map[string]int{"/": 1}
	for i := 0; i < len(paths); i++ {
		check(t, tab.Go(paths[i]))
		links := must[[]string](t)(Eval[[]string](tab, `[...document.querySelectorAll("a[href]:not([download])")].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)`))
		for _, link := range links {
			u, err := url.Parse(link)
			check(t, err)
			place := ids.ReplaceAllString(u.Path, "ID")
			if seen[kind(u)] || times[place] == 2 || strings.HasPrefix(u.Path, "/raw/") {
				continue
			}
			seen[kind(u)] = true
			times[place]++
			paths = append(paths, link)
		}
	}
	return paths
}
