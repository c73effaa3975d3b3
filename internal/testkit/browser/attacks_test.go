package browser

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// TestAttacks shows every text of the corpus as prompt, as answer, as what a judge says, as a name, as a category and as what is
// looked for: on the site and in the report. Whatever would run, ask others or take the reader elsewhere fails the test.
func TestAttacks(t *testing.T) {
	all := must[[]Attack](t)(must[*Program](t)(program()).Attacks(t.Context()))
	if len(all) < 60 {
		t.Fatalf("there are %d attacks; want at least 60", len(all))
	}
	t.Run("as texts", func(t *testing.T) { attackedBy(t, textArena(t, all), len(all)) })
	names := nameArena(t, all)
	t.Run("as names", func(t *testing.T) { attackedBy(t, names, 4) })
	t.Run("as addresses", func(t *testing.T) {
		tab := open(t, serve(t, names).URL)
		fields := []string{"q", "model", "vs", "dataset", "category", "judge", "verdict", "page"}
		for _, shift := range []int{0, 3} { // so that each stands in two fields
			for i := 0; i < len(all); i += len(fields) {
				query := url.Values{}
				for k := range fields {
					query.Set(fields[(k+shift)%len(fields)], short(all[(i+k)%len(all)].Text))
				}
				provoked(t, tab, "/battles?"+query.Encode())
			}
		}
		for _, path := range []string{"/battle/%s/1/2", "/whatif?drop=%s", "/compare?with=%s", "/vote?voter=%s", "/data?type=%s", "/%s"} {
			provoked(t, tab, fmt.Sprintf(path, url.PathEscape(`"'><img src=x onerror=alert(1)>`)))
		}
	})
}

// attackedBy runs an arena, and looks at all pages of it, and at so many of its battles, on the site and in the report.
func attackedBy(t *testing.T, a *Arena, battles int) {
	must[string](t)(a.Run(t.Context(), "run"))
	tab := open(t, serve(t, a).URL)
	for _, path := range crawl(t, tab) {
		provoked(t, tab, path)
	}
	links := battlesOf(t, tab, battles)
	if len(links) < battles {
		t.Errorf("%d battles are listed; want %d", len(links), battles)
	}
	for _, link := range links {
		provoked(t, tab, link)
	}

	must[string](t)(a.Run(t.Context(), "report", "-o", "report.html"))
	page := open(t, "file://")
	provoked(t, page, filepath.Join(a.Folder, "report.html"))
	shown := must[int](t)(Eval[int](page, fmt.Sprintf(`(async () => {
		const anchors = new Set(), look = () => document.querySelectorAll('a[href^="#"]').forEach(a => anchors.add(a.hash));
		look();
		for (const anchor of anchors) {
			if (anchors.size > %d + 40) break;
			location.hash = anchor;
			await new Promise(done => setTimeout(done));
			look();
		}
		for (const anchor of anchors) {
			location.hash = anchor;
			await new Promise(done => setTimeout(done));
			%s
		}
		return anchors.size;
	})()`, battles, provoke)))
	t.Logf("%d places of the report", shown)
	unharmed(t, page, "the report")
}

// battlesOf are links to battles on different prompts, from the pages of the list.
func battlesOf(t *testing.T, tab *Tab, most int) (links []string) {
	t.Helper()
	seen := map[string]bool{}
	for next := "/battles"; next != "" && len(links) < most; {
		check(t, tab.Go(next))
		for _, link := range must[[]string](t)(Eval[[]string](tab, `[...document.querySelectorAll('main a[href^="/battle/"]')].map(a => a.pathname + a.search)`)) {
			if prompt := strings.Split(link, "/")[2]; !seen[prompt] {
				seen[prompt] = true
				links = append(links, link)
			}
		}
		next = must[string](t)(Eval[string](tab, `(a => a ? a.pathname + a.search : "")(document.querySelector('a[rel="next"]'))`))
	}
	return links
}

// provoke opens whatever a reader might, and goes where keys lead.
const provoke = `document.querySelectorAll("details").forEach(d => d.open = true);
	for (const e of document.querySelectorAll("input, select, textarea, [autofocus]")) e.focus({preventScroll: true});`

// harm is what a text of others has managed to do to the page, the addresses that it has put there among it.
const harm = `(() => {
	const found = [];
	if ("attacked" in window || document.documentElement.classList.contains("attacked") || document.title === "attacked") found.push("the page is marked");
	for (const a of document.querySelectorAll("a[href], area[href]"))
		if (!["http:", "https:", "mailto:", "file:"].includes(a.protocol)) found.push("a link leads to " + a.href.slice(0, 80));
	for (const e of document.querySelectorAll("main iframe, main object, main embed, main base, main meta, main img, main video, main audio, main math, main style"))
		found.push("there is " + e.outerHTML.slice(0, 120));
	for (const e of document.querySelectorAll("*")) if (e.getAttributeNames().some(n => n.startsWith("on"))) found.push("something waits to run in " + e.outerHTML.slice(0, 120));
	for (const f of document.forms) if (f.origin && new URL(f.action).origin !== location.origin) found.push("a form leads to " + f.action);
	return found;
})()`

func provoked(t *testing.T, tab *Tab, path string) {
	t.Helper()
	check(t, tab.Go(path))
	must[bool](t)(Eval[bool](tab, `(() => {`+provoke+`; return true})()`))
	unharmed(t, tab, path)
}

func unharmed(t *testing.T, tab *Tab, where string) {
	t.Helper()
	for _, found := range must[[]string](t)(Eval[[]string](tab, harm)) {
		t.Errorf("%s: %s", short(where), found)
	}
	for _, wrong := range tab.Wrong() {
		if strings.Contains(wrong, "the server responded with a status of 4") {
			continue // an address that is none of ours
		}
		t.Errorf("%s: %s", short(where), wrong)
	}
}

// textArena has each attack as a prompt, as an answer of each of three models, and among what the judge says.
func textArena(t *testing.T, all []Attack) *Arena {
	t.Helper()
	judge := talker(t, all)
	var rows strings.Builder
	for i, a := range all {
		other := func(n int) string { return all[(i+n)%len(all)].Text }
		line, err := json.Marshal(map[string]string{"prompt": a.Text, "topic": "t", "x": other(1), "y": other(5), "z": other(9)})
		check(t, err)
		rows.Write(append(line, '\n'))
	}
	return newArena(t, map[string]string{
		"rows.jsonl": rows.String(),
		"arena.yaml": fmt.Sprintf(`default_endpoint: {url: %q}
models:
  - {name: X, answers: {path: rows.jsonl, prompt_field: prompt, field: x}}
  - {name: Y, answers: {path: rows.jsonl, prompt_field: prompt, field: y}}
  - {name: Z, answers: {path: rows.jsonl, prompt_field: prompt, field: z}}
judges: [{name: Judge, model_id: judge, reask: 0, max_invalid_rate: 1}]
datasets: [{path: rows.jsonl, field: prompt, category_field: topic}]
`, judge),
	})
}

// nameArena has each attack that can be one as the name of a model and as a category, and some as names of judges.
func nameArena(t *testing.T, all []Attack) *Arena {
	t.Helper()
	judge := talker(t, all)
	var models, judges, rows strings.Builder
	row := map[string]string{}
	for i, a := range all {
		if !a.Line {
			continue
		}
		name, field := quoted(t, a.Text), fmt.Sprint("m", i)
		fmt.Fprintf(&models, "  - {name: %s, answers: {path: rows.jsonl, prompt_field: prompt, field: %s}}\n", name, field)
		if i%40 == 0 {
			fmt.Fprintf(&judges, "  - {name: %s, model_id: j%d, reask: 0, max_invalid_rate: 1}\n", quoted(t, "judge "+a.Text), i)
		}
		row[field] = fmt.Sprint("answer ", i)
	}
	for i := range 4 {
		row["prompt"], row["topic"] = fmt.Sprint("Question ", i), all[i*len(all)/4].Text
		rows.Write(append(must[[]byte](t)(json.Marshal(row)), '\n'))
	}
	return newArena(t, map[string]string{
		"rows.jsonl": rows.String(),
		"arena.yaml": fmt.Sprintf("default_endpoint: {url: %q}\nmodels:\n%sjudges:\n%sjudging: {pairs: circular, orders: random}\ndatasets: [{path: rows.jsonl, field: prompt, category_field: topic}]\n", judge, &models, &judges),
	})
}

// quoted is a text as a value of a configuration.
func quoted(t *testing.T, text string) string {
	t.Helper()
	return strings.ReplaceAll(string(must[[]byte](t)(json.Marshal(text))), "${", "$${")
}

// talker is a model server whose judge explains itself by attacks, and often says nothing else.
func talker(t *testing.T, all []Attack) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := fnv.New32a()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has gone
		}
		h.Write(body)
		n := int(h.Sum32() >> 4)
		said := all[n%len(all)].Text
		if n%3 > 0 {
			text, _ := json.Marshal(map[string]any{"analysis": said, "score_a": 7, "score_b": 4, "verdict": "A>B"}) // a map of strings and numbers
			said = string(text)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // a client that has gone needs none
			"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": said}, "finish_reason": "stop"}},
			"usage":   map[string]int{"prompt_tokens": 1, "completion_tokens": 1},
		})
	}))
	t.Cleanup(s.Close)
	return s.URL
}
