package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"openarena/internal/testkit/attacks"
	"openarena/pipeline"
	"openarena/store"
)

// listOf is what the script of a report knows.
func listOf(t *testing.T, text string) (l reportList) {
	t.Helper()
	of := regexp.MustCompile(`(?s)<script type="application/json" id="list">(.*?)</script>`).FindStringSubmatch(text)
	if of == nil {
		t.Fatalf("the report has no list of battles:\n%.2000s", text)
	}
	if err := json.Unmarshal([]byte(of[1]), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// gathered is the battles of a report alone, as they stand in it.
func (w *world) gathered(o ReportOptions) (a *anthology, text string) {
	w.t.Helper()
	l := w.look()
	defer l.Close()
	d := document{Battles: &anthology{}}
	skin, err := newSkin(d.href)
	if err != nil {
		w.t.Fatal(err)
	}
	v := &visit{Context: w.t.Context(), arena: w.arena, look: l, query: url.Values{}, shelf: newShelf()}
	if err := d.Battles.gather(v, skin, o); err != nil {
		w.t.Fatal(err)
	}
	text = string(d.Battles.List)
	for _, p := range d.Battles.Packs {
		text += string(p)
	}
	return d.Battles, text
}

// TestReportHoldsEveryBattle: the list names each, and the packs hold each text of a model once as it is and once as its
// Markdown says, with every verdict in both orders.
func TestReportHoldsEveryBattle(t *testing.T) {
	const prompts, models, judges = 16, 4, 2
	text := plainReport(t)
	l := listOf(t, text)
	if want := prompts * models * (models - 1) / 2; len(l.Prompts) != prompts || len(l.Battles) != want {
		t.Errorf("the list has %d prompts and %d battles; want %d and %d", len(l.Prompts), len(l.Battles), prompts, want)
	}
	for _, b := range l.Battles {
		if len(b) != 6+5*2*judges {
			t.Errorf("the battle %v has not the verdicts of %d judges in both orders", b, judges)
		}
	}
	for what, want := range map[string]int{
		`<script type="text/html" id="p-`: prompts, `<article class="side"`: prompts * models, ` data-battle="`: len(l.Battles), `<li class="bout">`: len(l.Battles), `href="#battle/`: len(l.Battles),
		`<section class="ruling"`: len(l.Battles) * 2 * judges, `class="words raw"`: prompts * (models + 1),
	} {
		if got := strings.Count(text, what); got != want {
			t.Errorf("%s is there %d times; want %d", what, got, want)
		}
	}
	for _, side := range l.Sides {
		if !strings.Contains(text, fmt.Sprintf(`data-side=%q`, side[0])) {
			t.Errorf("no pack has the answers of %v", side)
		}
	}
}

// TestReportLeavesOut: what is not in a report is told, with how to have it, and nothing leads to it.
func TestReportLeavesOut(t *testing.T) {
	w := newWorld(t)
	a, text := w.gathered(ReportOptions{Battles: 5})
	if l := listOf(t, text); len(l.Battles) != 5 || strings.Count(text, "<section data-battle=") != 5 {
		t.Errorf("a report of 5 battles lists %d and holds %d", len(l.Battles), strings.Count(text, "<section data-battle="))
	}
	if want := "It holds 5 of 96 battles, those on which the judges disagree most; `openarena report --battles all` holds all of them."; a.Left() != want {
		t.Errorf("a report of 5 battles says %q; want %q", a.Left(), want)
	}
	a, text = w.gathered(ReportOptions{NoTexts: true})
	if l := listOf(t, text); len(l.Battles) != 96 || strings.Count(text, `<li class="bout">`) != 96 || strings.Contains(text, `<article class="side"`) || strings.Contains(text, "#battle/") {
		t.Errorf("a report without texts lists %d battles, or holds answers or links to battles", len(l.Battles))
	}
	if a.Left() == "" {
		t.Error("a report without texts does not say so")
	}
	_, text = w.gathered(ReportOptions{Replies: true, Battles: 5})
	replies := strings.Count(text, `<details class="reply"`)
	if without := strings.Count(plainReport(t), `<details class="reply"`); replies != 5*4 || without != 0 {
		t.Errorf("replies are there %d times, and %d times where nobody asks for them; want %d and 0", replies, without, 5*4)
	}
}

// TestReportHasABound: an arena that is too large for it is cut prompt by prompt, the first of them stays whatever its size.
func TestReportHasABound(t *testing.T) {
	w := newWorld(t)
	for room, want := range map[int]func(prompts, size int) bool{
		1:     func(prompts, _ int) bool { return prompts == 1 },
		100e3: func(prompts, size int) bool { return prompts > 1 && prompts < 16 && size <= 100e3 },
	} {
		a, text := w.gathered(ReportOptions{room: room})
		prompts, size := len(a.Packs), len(text)-len(a.List)
		if !want(prompts, size) || a.Left() == "" {
			t.Errorf("with room for %d bytes there are %d prompts of %d bytes, and it says %q", room, prompts, size, a.Left())
		}
	}
}

// TestReportTakesTheTellingBattlesFirst: those on which the judges disagree most.
func TestReportTakesTheTellingBattlesFirst(t *testing.T) {
	w := newWorld(t)
	l := w.look()
	defer l.Close()
	table, err := w.arena.Columns(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var least float64 = 4
	for _, c := range chapters(table, 10) {
		for _, row := range c.rows {
			least = min(least, table.Battle(row).Spread)
		}
	}
	more := 0
	for row := range table.Len() {
		if table.Battle(row).Spread > least {
			more++
		}
	}
	if more > 10 {
		t.Errorf("the first 10 battles go down to a spread of %v, which %d others are above", least, more-10)
	}
}

// TestReportOfAttacks: whatever the texts of an arena say, a report is made of our elements alone, and asks for nothing.
func TestReportOfAttacks(t *testing.T) {
	w := newWorld(t)
	var a, b, prompts strings.Builder
	n := 0
	for _, attack := range attacks.All() {
		if len(attack.Text) > 10_000 {
			continue // which costs seconds; the tests of Markdown have them
		}
		n++
		line := func(to *strings.Builder, fields map[string]string) {
			text, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(to, "%s\n", text)
		}
		line(&prompts, map[string]string{"prompt": attack.Text, "topic": attack.Text})
		line(&a, map[string]string{"prompt": attack.Text, "answer": attack.Text})
		line(&b, map[string]string{"prompt": attack.Text, "answer": "quiet: " + attack.Text + "\u2028\u202e</script><!--"})
	}
	name, err := json.Marshal(attacks.Lines()[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"prompts.jsonl": prompts.String(), "a.jsonl": a.String(), "b.jsonl": b.String(),
		"arena.yaml": "models: [{name: " + string(name) + ", answers: {path: a.jsonl}}, {name: quiet, answers: {path: b.jsonl}}]\n" +
			"judge_model: {name: Judge, model_id: judge, endpoint: {url: \"http://127.0.0.1:9/v1\"}}\n" +
			"datasets: [{path: prompts.jsonl, category_field: topic}]\nstore: {path: attacked.db}\n",
	} {
		if err := os.WriteFile(filepath.Join(w.dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := collect(w.dir); err != nil {
		t.Fatal(err)
	}
	if w.arena, err = openArena(w.dir); err != nil {
		t.Fatal(err)
	}
	text := w.report(ReportOptions{Title: attacks.Lines()[1].Text})
	if l := listOf(t, text); len(l.Battles) < n/2 {
		t.Errorf("the report lists %d battles over %d attacks", len(l.Battles), n)
	}
	for _, wrong := range attacks.Audit(text, true) {
		t.Error(wrong)
	}
	list := regexp.MustCompile(`(?s)id="list">(.*?)</script>`).FindString(text)
	if strings.ContainsAny(list[:len(list)-len("</script>")], "\u2028\u2029") || strings.ContainsAny(list[len(`id="list">`):len(list)-len("</script>")], "<&") {
		t.Error("what the script reads holds marks that end it, or its lines")
	}
}

// collect reads the answers of an arena whose models are files.
func collect(dir string) error {
	ctx := context.Background()
	a, err := openArena(dir)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, a.Config.StorePath(), store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err = a.Sync(ctx, db); err != nil {
		return err
	}
	r, err := pipeline.NewRunner(ctx, a, db, pipeline.Job{Generate: true})
	if err != nil {
		return err
	}
	_, err = r.Run(ctx, ctx)
	return err
}
