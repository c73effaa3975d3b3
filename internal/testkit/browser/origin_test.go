package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestForeign: a page of somebody else has the browser ask our site, by every way a page has, and under another name for this
// machine (DNS rebinding). Nothing is told and nothing is changed.
func TestForeign(t *testing.T) {
	c := must[*Chromium](t)(Start(t.Context(), chromedp.Flag("host-resolver-rules", "MAP rebind.example 127.0.0.1"), chromedp.Flag("proxy-bypass-list", "rebind.example")))
	t.Cleanup(c.Close)
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	site := must[*url.URL](t)(url.Parse(serve(t, a).URL))

	t.Run("under another name", func(t *testing.T) {
		tab := must[*Tab](t)(c.Open("http://rebind.example:" + site.Port()))
		t.Cleanup(tab.Close)
		check(t, tab.Go("/"))
		refused(t, tab)
	})
	for _, row := range []struct{ name, script string }{
		{"reads a page", `fetch(SITE).then(r => r.text())`},
		{"reads a page with what it needs to be let in", `fetch(SITE, {credentials: "include", headers: {"X-Token": "x"}}).then(r => r.text())`},
		{"shows a page in a frame", `new Promise((done, fail) => {
			const f = document.createElement("iframe");
			f.onload = () => { try { done(f.contentDocument.body.innerText || fail("empty")) } catch (e) { fail(e) } };
			f.src = SITE; document.body.append(f);
		})`},
	} {
		t.Run(row.name, func(t *testing.T) {
			tab := elsewhere(t, c, site)
			if got, err := Eval[string](tab, row.script); err == nil {
				t.Errorf("a page of somebody else got %q", short(got))
			}
		})
	}
	for _, way := range []string{"form", "fetch"} {
		for _, path := range []string{"/", "/vote"} {
			t.Run(fmt.Sprintf("posts to %s by %s", path, way), func(t *testing.T) {
				tab := elsewhere(t, c, site)
				post(t, tab, way, path)
			})
		}
	}
	if votes := must[string](t)(a.Run(t.Context(), "votes", "export")); votes != "" {
		t.Errorf("somebody else has voted:\n%s", votes)
	}
}

// elsewhere is a tab on a page of another server of this machine, which knows where the site is.
func elsewhere(t *testing.T, c *Chromium, site *url.URL) *Tab {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><title>elsewhere</title><body><script>const SITE = %q</script>`, site)
	}))
	t.Cleanup(s.Close)
	tab := must[*Tab](t)(c.Open(s.URL))
	t.Cleanup(tab.Close)
	check(t, tab.Go("/"))
	return tab
}

// post has a page of somebody else vote. Where the browser shows what comes of it, it is a refusal.
func post(t *testing.T, tab *Tab, way, path string) {
	t.Helper()
	const fields = `winner=a&verdict=a&voter=eve&token=x`
	if way == "fetch" {
		must[bool](t)(Eval[bool](tab, fmt.Sprintf(`fetch(SITE + %q, {method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams(%q)}).then(() => true, () => true)`, path, fields)))
		return
	}
	site := must[string](t)(Eval[string](tab, `SITE`))
	must[bool](t)(Eval[bool](tab, fmt.Sprintf(`(() => {
		const f = document.createElement("form");
		f.method = "POST"; f.action = SITE + %q;
		for (const [name, value] of new URLSearchParams(%q)) f.append(Object.assign(document.createElement("input"), {name, value}));
		document.body.append(f); f.submit(); return true;
	})()`, path, fields)))
	check(t, tab.Wait(fmt.Sprintf(`location.origin === %q && document.readyState === "complete"`, site)))
	refused(t, tab)
}

// refused fails a test whose page is not an error of the client's.
func refused(t *testing.T, tab *Tab) {
	t.Helper()
	status := must[int](t)(Eval[int](tab, `performance.getEntriesByType("navigation")[0].responseStatus`))
	text := must[string](t)(Eval[string](tab, `document.body.innerText`))
	if status < 400 || status >= 500 || strings.Contains(text, "Llama") {
		t.Errorf("status %d: %s; want a refusal", status, short(text))
	}
}
