package browser

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// TestReportFiltersAsTheSite asks for battles in every way that the filters of a report offer, and for some in two ways at once:
// as many must be found as on the site, which looks for them in another language.
func TestReportFiltersAsTheSite(t *testing.T) {
	a := ordinaryArena(t)
	must[string](t)(a.Run(t.Context(), "run"))
	must[string](t)(a.Run(t.Context(), "report", "-o", "report.html"))
	site := open(t, serve(t, a).URL)
	check(t, site.Go("/battles"))
	report := open(t, "file://")
	check(t, report.Go(filepath.Join(a.Folder, "report.html")+"#battles"))
	queries := must[[]string](t)(Eval[[]string](report, `(() => {
		const one = [...document.getElementById("filters").elements].flatMap(e =>
			e.type === "checkbox" ? [[e.name, "1"]] : [...e.options || []].filter(o => o.value).map(o => [e.name, o.value]));
		const narrow = one.filter(([name]) => name === "model" || name === "judge");
		return [...one.map(p => [p]), ...one.flatMap(p => narrow.filter(([name]) => name !== p[0]).map(q => [p, q]))].map(q => String(new URLSearchParams(q)));
	})()`))
	if len(queries) < 50 {
		t.Fatalf("there are %d ways to ask: %q", len(queries), queries)
	}
	asked := must[[]byte](t)(json.Marshal(queries))
	here := must[[]string](t)(Eval[[]string](site, `Promise.all(`+string(asked)+`.map(async q => {
		const page = new DOMParser().parseFromString(await (await fetch("/battles?" + q)).text(), "text/html");
		const count = page.querySelector(".note.bad, p.count");
		return !count ? "0" : count.textContent.replace(/,/g, "").replace(/^.* of (\d+) battles.*$/s, "$1");
	}))`))
	there := must[[]string](t)(Eval[[]string](report, `(async () => {
		const all = [];
		for (const q of `+string(asked)+`) {
			const shown = new Promise(done => document.getElementById("battles").addEventListener("shown", () => setTimeout(done), { once: true }));
			location.hash = "#battles?" + q;
			await shown;
			all.push(document.getElementById("found").textContent.replace(/,/g, "").replace(/^(\d+) of .*$/s, "$1"));
		}
		return all;
	})()`))
	some := 0
	for i, q := range queries {
		if here[i] != there[i] {
			t.Errorf("%s: the report finds %s, the site %s", q, there[i], here[i])
		}
		if here[i] != "0" {
			some++
		}
	}
	if some < len(queries)/2 {
		t.Errorf("%d of %d ways to ask find anything", some, len(queries))
	}
}
