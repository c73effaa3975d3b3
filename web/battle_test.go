package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"openarena/pipeline"
	"openarena/web/markdown"
)

// battlePaths are the addresses of all battles of a world's arena, in the order of its datasets.
func (w *world) battlePaths() (paths []string) {
	w.t.Helper()
	look := w.look()
	defer look.Close()
	v, err := w.arena.View(w.t.Context(), look)
	if err != nil {
		w.t.Fatal(err)
	}
	for p, err := range v.Prompts(w.t.Context(), false) {
		if err != nil {
			w.t.Fatal(err)
		}
		h, err := pipeline.ParsePrompt(p.Hash)
		if err != nil {
			w.t.Fatal(err)
		}
		d, err := v.Dossier(w.t.Context(), h, pipeline.Reading{})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, m := range d.Battles {
			paths = append(paths, "/battle/"+p.Hash+"/"+d.Answers[m.A].Side.String()+"/"+d.Answers[m.B].Side.String())
		}
	}
	return paths
}

// holds fails unless a text has all of what is wanted, in that order.
func holds(t *testing.T, what, text string, want ...string) {
	t.Helper()
	rest := text
	for _, part := range want {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%s lacks %q behind what stands before it:\n%s", what, part, text)
			return
		}
		rest = after
	}
}

func TestBattle(t *testing.T) {
	w := newWorld(t)
	path := w.battlePaths()[0]
	text := w.page(path)
	holds(t, path, text, "<title>Alpha against Gamma &amp; Söhne", "riddles.jsonl", "row 1", "logic", "Alpha wins", "The mean of the judges decides",
		">user<", "Riddle 0", "<h3 dir=\"auto\">Alpha</h3>", "by itself", "6 in, 77 out", "$0.0002", "306 B", "Gamma &amp; Söhne</h3>",
		"Judge</h3>", "Alpha is much better", "Alpha</bdi> shown first", "A&gt;&gt;B", "7 : 3", "the first answer holds 223", "Reply, 33 tokens",
		"Söhne</bdi> shown first", "B&gt;&gt;A", "3 : 7", "Second</h3>", "Show what people voted")
	_, _, sides := parts(path)
	turned := w.page("/battle/" + strings.Split(path, "/")[2] + "/" + sides[1] + "/" + sides[0])
	holds(t, "turned around", turned, "<h1><bdi>Gamma", "Alpha wins", "−2.00", "Alpha is much better")
}

// parts are those of a battle's address.
func parts(path string) (prompt, battle string, sides [2]string) {
	p := strings.Split(path, "/")
	return p[2], strings.Join(p[2:], "/"), [2]string{p[3], p[4]}
}

func TestBattleLeadsToItsNeighbours(t *testing.T) {
	w := newWorld(t)
	paths := w.battlePaths()
	text := w.page(paths[0] + "?model=Alpha&view=raw")
	holds(t, "the first battle", text, `href="/battles?model=Alpha`, "1 of 48", `rel="next"`)
	if strings.Contains(text, `rel="prev"`) {
		t.Error("the first battle has one before it")
	}
	holds(t, "the first battle", text, "?model=Alpha&amp;view=raw\" rel=\"next\"")
	text = w.page(paths[1])
	holds(t, "the second battle", text, `href="`+paths[0]+`" rel="prev"`, "2 of 96")
}

func TestBattlesThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	prompt, _, sides := parts(w.battlePaths()[0])
	for _, path := range []string{
		"/battle/00/" + sides[0] + "/" + sides[1],
		"/battle/" + strings.Repeat("0", 32) + "/" + sides[0] + "/" + sides[1],
		"/battle/" + prompt + "/" + sides[0] + "/" + sides[0],
		"/battle/" + prompt + "/" + sides[0] + "/0000000000000000",
		"/battle/" + prompt + "/" + sides[0] + "/" + sides[1] + ".3",
		"/prompt/" + strings.Repeat("f", 32), "/prompt/x",
		"/raw/answer/" + prompt + "/0000000000000000", "/raw/answer/x/" + sides[0], "/raw/prompt/" + prompt + "/7", "/raw/prompt/" + prompt + "/x",
		"/raw/reply/" + prompt + "/" + sides[0] + "/" + sides[1] + "/0000000000000000?verdict=0&attempt=1",
	} {
		if status, text := w.get(path); status != http.StatusNotFound {
			t.Errorf("%s is %d; want 404\n%s", path, status, text)
		}
	}
}

// TestRepliesOfJudges: each is a file of its own, as it came.
func TestRepliesOfJudges(t *testing.T) {
	w := newWorld(t)
	_, battle, _ := parts(w.battlePaths()[0])
	text := w.page("/battle/" + battle)
	n := 0
	for _, link := range strings.Split(text, `class="fetch" href="`)[1:] {
		link, _, _ = strings.Cut(link, `"`)
		n++
		if words := w.page(strings.ReplaceAll(link, "&amp;", "&")); !strings.HasPrefix(words, "{") || !strings.Contains(words, "score_a") {
			t.Errorf("%s holds %q; want the judge's JSON", link, words)
		}
	}
	if n != 4 {
		t.Errorf("the page leads to %d replies; want those of two judges in both orders", n)
	}
}

func TestPromptShowsAllBattles(t *testing.T) {
	w := newWorld(t)
	paths := w.battlePaths()
	prompt, _, _ := parts(paths[0])
	text := w.page("/prompt/" + prompt)
	for _, path := range paths[:6] {
		_, _, sides := parts(path)
		holds(t, "the prompt", text, `href="`+path+`"`)
		holds(t, "the prompt", text, `href="/battle/`+prompt+"/"+sides[1]+"/"+sides[0]+`"`)
	}
	holds(t, "the prompt", text, "Riddle 0", "won", "lost", "306 B, 77 tokens")
}

// unusual is an arena of answers that are not what one hopes for.
func unusual(t *testing.T) *world {
	var x, y, prompts strings.Builder
	for _, p := range []struct{ prompt, x, y string }{
		{"same", "One *answer*.", "One *answer*."},
		{"alike", "The cat sat on the mat.\nIt purred.", "The cat lay on the mat.\nIt purred."},
		{"unlike", "alpha beta gamma delta", "one two three four"},
		{"empty", "", "Something."},
		{"absent", "Something.", "-"},
		{"large", strings.Repeat("Words and words. ", 200_000), "Small."},
		{"lines", strings.Repeat("x\n", 100_000), strings.Repeat("y\n", 100_000)},
		{"عربي", "نص **عربي** طويل", "نص **عربي** قصير"},
		{"中文", "我喜欢苹果", "我喜欢香蕉"},
	} {
		fmt.Fprintf(&prompts, `{"prompt": %s}`+"\n", quoted(p.prompt))
		fmt.Fprintf(&x, `{"prompt": %s, "output": %s}`+"\n", quoted(p.prompt), quoted(p.x))
		if p.y != "-" {
			fmt.Fprintf(&y, `{"prompt": %s, "output": %s}`+"\n", quoted(p.prompt), quoted(p.y))
		}
	}
	return arenaOf(t, map[string]string{
		"arena.yaml": `models:
  - {name: X, answers: {path: x.jsonl, prompt_field: prompt, field: output}}
  - {name: Y, answers: {path: y.jsonl, prompt_field: prompt, field: output}}
judges: [{name: J, model_id: j, endpoint: {url: JUDGE}, reask: 1, max_invalid_rate: 1}]
judging: {orders: fixed}
datasets: [{path: prompts.jsonl}]
`, "prompts.jsonl": prompts.String(), "x.jsonl": x.String(), "y.jsonl": y.String(),
	}, func(n int) string {
		if n == 0 {
			return "I would rather not say."
		}
		return verdict("so")
	})
}

func TestUnusualAnswers(t *testing.T) {
	w := unusual(t)
	paths := w.battlePaths()
	if len(paths) != 9 {
		t.Fatalf("there are %d battles; want 9", len(paths))
	}
	_, large, _ := parts(paths[5])
	for i, c := range []struct {
		view string
		want []string
	}{
		{"", []string{"Both answers are the same text.", "Both answers are the same, letter by letter", "both answers are the same: no call was needed"}},
		{"diff", []string{"common to both", "<ins><span class=\"hidden\">[only here: </span>sat <", "on the mat.", "<ins><span class=\"hidden\">[only here: </span>lay <"}},
		{"diff", []string{"hardly a word in common", "alpha beta gamma delta"}},
		{"", []string{"The answer is empty.", "an answer is empty: no call was needed"}},
		{"", []string{"No outcome: an answer is missing", "There is no answer yet"}},
		{"", []string{"3.2 MiB", "this is the beginning", "/raw/answer/" + strings.Split(large, "/")[0]}},
		{"raw", []string{"195 KiB in 100,001 lines: this is the beginning"}},
		{"", []string{`<p dir="auto">نص <strong>عربي</strong> طويل</p>`}},
		{"diff", []string{"我喜欢<ins>", "苹果<", "我喜欢<ins>", "香蕉<"}},
	} {
		text := w.page(paths[i] + "?view=" + c.view)
		holds(t, paths[i], text, c.want...)
		if most := 6 * markdown.Largest; len(text) > most {
			t.Errorf("battle %d has %d bytes; want at most %d", i, len(text), most)
		}
	}
	w.wholeAnswer(t, paths[5], 200_000*int64(len("Words and words. ")))
	all := ""
	for _, path := range paths {
		all += w.page(path)
	}
	holds(t, "the battle whose judge was asked twice", all, "Reply 1 of 2", "Reply 2 of 2")
}

// wholeAnswer fails unless the file is the answer, and nothing shows it as a page.
func (w *world) wholeAnswer(t *testing.T, path string, size int64) {
	t.Helper()
	prompt, _, sides := parts(path)
	reply, err := http.Get(w.url + "/raw/answer/" + prompt + "/" + sides[0])
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	for key, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Content-Disposition": `attachment; filename="answer-` + prompt[:8] + "-" + sides[0] + `.txt"`,
	} {
		if got := reply.Header.Get(key); got != want {
			t.Errorf("%s is %q; want %q", key, got, want)
		}
	}
	if n := reply.ContentLength; n != size {
		t.Errorf("the file has %d bytes; want %d", n, size)
	}
}
