package browser

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// TestLive watches a run on its page, from before it begins until after its end, without a reload: told by the server, and, where
// that is not possible, by asking again.
func TestLive(t *testing.T) {
	for _, row := range []struct{ name, before string }{
		{"told by the server", ``},
		{"by asking again", `delete window.EventSource`},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, slow := slowArena(t)
			tab := open(t, serve(t, a).URL)
			check(t, tab.Before(row.before))
			check(t, tab.Look(View{Width: 1280, Height: 900}))
			check(t, tab.Go("/run"))
			if text := must[string](t)(Eval[string](tab, `document.querySelector("main").innerText`)); !strings.Contains(text, "openarena run") {
				t.Errorf("before anything has run the page says %q; want what to do", text)
			}
			loads := tab.Loads()
			run := must[*Process](t)(a.Start(t.Context(), "run"))
			check(t, tab.Wait(`document.querySelector(".live")?.checkVisibility() && document.querySelector("progress")`))
			tab.Wrong() // that there was no database, as a status
			for range 3 {
				moves(t, tab)
			}
			post200(t, strings.TrimSuffix(slow.URL, "/v1")+"/_/latency", `{}`)
			if err := run.Wait(); err != nil {
				t.Fatalf("the run: %v\n%s", err, run.Told())
			}
			check(t, tab.Wait(`!document.querySelector(".live")?.checkVisibility()`))
			check(t, tab.Wait(`/252/.test(document.querySelector("main").innerText) || /216/.test(document.querySelector("main").innerText)`))
			if n := tab.Loads(); n != loads {
				t.Errorf("the page was loaded %d times more", n-loads)
			}
			clean(t, tab)
		})
	}
}

// moves waits until the numbers on the page are others.
func moves(t *testing.T, tab *Tab) {
	t.Helper()
	const numbers = `document.querySelector("main").innerText.replace(/\D+/g, " ")`
	before := must[string](t)(Eval[string](tab, numbers))
	check(t, tab.Wait(numbers+` !== "`+before+`"`))
}

// slowArena is an ordinary one whose models take their time.
func slowArena(t *testing.T) (*Arena, *Process) {
	t.Helper()
	slow := must[*Process](t)(must[*Program](t)(program()).Models(context.WithoutCancel(t.Context()), "-latency", "400ms", "-bytes", "300"))
	t.Cleanup(func() { _ = slow.Stop() }) // how it ends does not matter
	config := strings.ReplaceAll(ordinary, `{url: "URL"}`, `{url: "`+slow.URL+`", concurrency: 4}`)
	return newArena(t, map[string]string{"arena.yaml": config, "questions.jsonl": rows(t, questions), "tasks.jsonl": rows(t, tasks)}), slow
}

func post200(t *testing.T, url, body string) {
	t.Helper()
	r := must[*http.Response](t)(http.Post(url, "application/json", strings.NewReader(body)))
	r.Body.Close()
	if r.StatusCode >= 300 {
		t.Fatalf("POST %s: %s", url, r.Status)
	}
}
