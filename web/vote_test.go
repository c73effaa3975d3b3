package web

import (
	"context"
	"encoding/binary"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openarena/pipeline"
	"openarena/store"
)

// person is a browser without scripts.
type person struct {
	*world
	client *http.Client
	page   string // that lies before them
	status int
}

func (w *world) person() *person {
	jar, _ := cookiejar.New(nil) // without options: no error
	return &person{world: w, client: &http.Client{Jar: jar}}
}

// open loads a page.
func (p *person) open(path string) *person {
	p.t.Helper()
	return p.took(p.client.Get(p.url + path))
}

// send posts a form as the page has it, with changes, and follows where it leads.
func (p *person) send(path string, fields ...string) *person {
	p.t.Helper()
	v := url.Values{"token": {p.hidden("token")}, "pair": {p.hidden("pair")}, "acts": {p.hidden("acts")}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return p.took(p.client.PostForm(p.url+path, v))
}

func (p *person) do(what string) *person { p.t.Helper(); return p.send("/vote", "do", what) }

func (p *person) enrol(name, goal string) *person {
	p.t.Helper()
	return p.open("/vote").send("/vote/name", "voter", name, "goal", goal)
}

func (p *person) took(r *http.Response, err error) *person {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	p.status, p.page = r.StatusCode, body(p.t, r)
	return p
}

// hidden is the value of a hidden field.
func (p *person) hidden(name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// sides are the two answers as they are shown.
func (p *person) sides() (left, right string) {
	p.t.Helper()
	m := regexp.MustCompile(`(?s)<section class="panel".*?</section>`).FindAllString(p.page, -1)
	if len(m) != 2 {
		p.t.Fatalf("%d answers are shown; want two:\n%s", len(m), p.page)
	}
	return strings.ReplaceAll(m[0], "Left", "SIDE"), strings.ReplaceAll(m[1], "Right", "SIDE")
}

func (p *person) shows(texts ...string) *person {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.page, text) {
			p.t.Errorf("the page lacks %q:\n%s", text, p.page)
		}
	}
	return p
}

// stored is what `votes export` prints.
func (w *world) stored() string {
	w.t.Helper()
	db, err := store.OpenReader(context.Background(), w.arena.Config.StorePath())
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	if _, left, err := w.arena.ExportVotes(context.Background(), db, &b); err != nil || left != 0 {
		w.t.Fatalf("ExportVotes: %d left, %v", left, err)
	}
	return b.String()
}

func (w *world) count(text string) int { w.t.Helper(); return strings.Count(w.stored(), text) }

// A session by form: a name, votes of each kind, a skip, an undo, and the summary at its end. Each vote that a page says is saved is.
func TestVotingSession(t *testing.T) {
	w := newWorld(t)
	p := w.person().open("/vote").shows(`name="voter"`, "Begin")
	p.enrol("Ann", "11").shows("Which answer is better?", "Pair 1 of 11", "<bdi>Ann</bdi>", `value="undo" class="quiet" data-keys="u" disabled`)
	for i, choice := range []string{"left", "right", "tie", "bad"} {
		p.do(choice).shows("Saved: ", fmt.Sprintf("Pair %d of 11", i+2))
		if n := w.count("\n"); n != i+1 {
			t.Fatalf("after %s, %d votes are stored; want %d", choice, n, i+1)
		}
	}
	if w.count(`"winner":"tie"`) != 1 || w.count(`"winner":"both bad"`) != 1 || w.count(`"winner":"a"`)+w.count(`"winner":"b"`) != 2 {
		t.Errorf("stored is %s", w.stored())
	}
	before := p.hidden("pair")
	left, _ := p.sides()
	if p.do("skip").shows("Skipped.", "Pair 5 of 11"); strings.Contains(p.page, left) || p.hidden("pair") == before {
		t.Error("a pair that was skipped is still there")
	}
	p.do("undo").shows("Back at the pair")
	if again, _ := p.sides(); again != left {
		t.Errorf("undoing a skip shows\n%s\nwant\n%s", again, left)
	}
	p.do("undo").shows("is taken back", "Pair 4 of 11")
	if n := w.count("\n"); n != 3 || w.count("both bad") != 0 {
		t.Errorf("after undo %d votes count; want 3, without the last:\n%s", n, w.stored())
	}
	p.do("left").shows("Pair 5 of 11")
	for range 7 {
		if strings.Contains(p.page, "<table") {
			t.Fatal("a summary is shown before the session ends")
		}
		p.do("tie")
	}
	p.shows("Thank you", "Judge", "Second", "Kappa")
	if n := w.count("\n"); n != 11 {
		t.Errorf("%d votes at the end; want 11", n)
	}
	p.send("/vote", "do", "more", "goal", "61").shows("Pair 12 of ")

	// Few votes tell nothing, and would tell of each of them.
	q := w.person().enrol("Bob", "2").do("left").do("right").shows("Thank you", "from 10 votes on", "more pairs")
	if strings.Contains(q.page, "<table") {
		t.Errorf("two votes are told of one by one:\n%s", q.page)
	}
	q.do("undo").shows("Pair 2 of 2")
}

// Nothing of a page tells whose answers it shows, or what judges say of them; a reload changes nothing that can be seen.
func TestVotingIsBlind(t *testing.T) {
	w := newWorld(t)
	p := w.person().enrol("Ann", "50")
	turned := 0
	for range 12 {
		for _, c := range w.arena.Contestants {
			for _, secret := range []string{html.EscapeString(c.Name), c.ModelID + `"`, c.ID.String()} {
				if strings.Contains(strings.ToLower(p.chrome()), strings.ToLower(secret)) {
					t.Fatalf("the page tells %q:\n%s", secret, p.chrome())
				}
			}
		}
		for _, j := range w.arena.Judges {
			if strings.Contains(p.chrome(), j.ID.String()) || strings.Contains(p.chrome(), j.Name+"<") {
				t.Fatalf("the page tells of judge %s:\n%s", j.Name, p.chrome())
			}
		}
		left, right := p.sides()
		word := p.hidden("pair")
		if l, r := p.open("/vote").sides(); l != left || r != right || p.hidden("pair") != word {
			t.Fatal("a reload shows other sides, or names the pair otherwise")
		}
		tk, err := w.site.booth.open(p.hidden("pair"), "Ann")
		if err != nil {
			t.Fatal(err)
		}
		if tk.Turned {
			turned++
		}
		p.do("left")
	}
	if turned == 0 || turned == 12 {
		t.Errorf("%d of 12 pairs have their sides turned", turned)
	}
}

// chrome is the page without prompt and answers.
func (p *person) chrome() string {
	return regexp.MustCompile(`(?s)<div class="pane".*?</div>\s*</(section|details)>`).ReplaceAllString(p.page, "")
}

// A vote counts once, however often and from whatever page it is sent.
func TestVotesAreCastOnce(t *testing.T) {
	w := newWorld(t)
	p := w.person().enrol("Ann", "50")
	pair := p.hidden("pair")
	p.send("/vote", "do", "left").shows("Saved")
	next := p.hidden("pair")
	p.send("/vote", "do", "left", "pair", pair).shows("Saved", "Pair 2 of")
	p.send("/vote", "do", "right", "pair", pair).shows("voted on these answers otherwise", "Pair 2 of")
	if n := w.count("\n"); n != 1 {
		t.Fatalf("one pair voted on three times has %d votes:\n%s", n, w.stored())
	}
	acts := p.hidden("acts")
	p.do("undo").shows("taken back")
	p.send("/vote", "do", "undo", "acts", acts).shows("taken back")
	p.send("/vote", "do", "left", "pair", pair).shows("voted on these answers otherwise")
	if w.stored() != "" {
		t.Errorf("after undo there is %s", w.stored())
	}
	bob := w.person().enrol("Bob", "50")
	for why, word := range map[string]string{
		"nothing": "", "noise": "AAAA", "not base64": "ä!", "another voter's": next, "a changed one": bob.hidden("pair")[:40] + "AAAA" + bob.hidden("pair")[44:],
	} {
		if bob.send("/vote", "do", "left", "pair", word).shows("nothing was saved", "Pair 1 of"); w.stored() != "" {
			t.Fatalf("a pair that is %s was voted on: %s", why, w.stored())
		}
	}
	site, err := New(Options{Source: w.site.source})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.booth.open(next, "Ann"); err != errTicket {
		t.Errorf("a page of before the server started anew is read: %v", err)
	}
	bob.send("/vote", "do", "dance").shows("nothing that can be said")
}

// Who is no page of ours changes nothing.
func TestVotesOfOtherSites(t *testing.T) {
	w := newWorld(t)
	p := w.person().enrol("Ann", "50")
	form := url.Values{"token": {p.hidden("token")}, "pair": {p.hidden("pair")}, "do": {"left"}}
	for why, change := range map[string]func(*http.Request, url.Values){
		"another site":  func(r *http.Request, _ url.Values) { r.Header.Set("Origin", "http://evil.test") },
		"a site's form": func(r *http.Request, _ url.Values) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"no token":      func(_ *http.Request, v url.Values) { v.Del("token") },
	} {
		v := url.Values{}
		for k := range form {
			v.Set(k, form.Get(k))
		}
		r, err := http.NewRequest(http.MethodPost, w.url+"/vote", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(r, v)
		text := v.Encode()
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		reply, err := p.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body(t, reply)
		if reply.StatusCode < 400 || w.stored() != "" {
			t.Errorf("%s: %d, stored %q; want it refused", why, reply.StatusCode, w.stored())
		}
	}
}

// body reads a reply to its end.
func body(t testing.TB, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Names of voters are bounded, and are text whatever they hold.
func TestVotersNames(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string]string{
		"": "needs a name", "  ": "needs a name", strings.Repeat("x", 1000): "more than 64 characters", "a\x00b": "cannot be seen", "a\u202eb": "cannot be seen", "\xff": "not valid UTF-8",
	} {
		p := w.person().enrol(name, "5").shows(want, `name="voter"`)
		if len(p.page) > 20_000 {
			t.Errorf("%q makes a page of %d bytes", name, len(p.page))
		}
	}
	hostile := `"><script>alert(1)</script>`
	p := w.person().enrol(hostile, "-7").shows("<bdi>"+html.EscapeString(hostile)+"</bdi>", "Pair 1 of 50")
	if strings.Contains(p.page, "<script>alert") {
		t.Error("a name runs as a script")
	}
	p.do("tie").shows("Saved")
	if w.count("alert(1)") != 1 {
		t.Errorf("stored is %s", w.stored())
	}
	if p.send("/vote/name", "do", "leave").shows("Begin"); strings.Contains(p.page, "alert") {
		t.Error("who left is still there")
	}
	for _, cookie := range []string{"", ".", "!!.5", "YQ", strings.Repeat("A", 3000), "AA.5"} {
		p := w.person()
		at, _ := url.Parse(p.url)
		p.client.Jar.SetCookies(at, []*http.Cookie{{Name: voterCookie, Value: cookie, Path: "/vote"}})
		if p.open("/vote"); p.status != http.StatusOK || strings.Contains(p.page, "Pair 1 of") && cookie != "YQ" {
			t.Errorf("with cookie %.20q the page is %d:\n%s", cookie, p.status, p.page)
		}
	}
}

// A pair of which an answer was made anew meanwhile is told, and the next one comes.
func TestVoteOnAnAnswerThatIsGone(t *testing.T) {
	w := newWorld(t)
	p := w.person().enrol("Ann", "50")
	left, _ := p.sides()
	tk, err := w.site.booth.open(p.hidden("pair"), "Ann")
	if err != nil {
		t.Fatal(err)
	}
	w.changeAnswer(tk.Slip.Prompt, tk.Slip.A.Answer)
	p.do("left").shows("not what it was", "here is the next pair", "Pair 1 of")
	if again, _ := p.sides(); again == left || w.stored() != "" {
		t.Errorf("the pair is still there, or was voted on: %q", w.stored())
	}
	// The same on a reload.
	if tk, err = w.site.booth.open(p.hidden("pair"), "Ann"); err != nil {
		t.Fatal(err)
	}
	left, _ = p.sides()
	w.changeAnswer(tk.Slip.Prompt, tk.Slip.B.Answer)
	if again, _ := p.open("/vote").sides(); again == left {
		t.Error("a text is shown that is not there any more")
	}
}

// changeAnswer has a model say something else.
func (w *world) changeAnswer(prompt, answer string) {
	w.t.Helper()
	db, err := store.Open(context.Background(), w.arena.Config.StorePath(), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	h, err := pipeline.ParsePrompt(prompt)
	if err != nil {
		w.t.Fatal(err)
	}
	side, err := pipeline.ParseSide(answer)
	if err != nil {
		w.t.Fatal(err)
	}
	key := binary.BigEndian.AppendUint16(append(h[:], side.Contestant[:]...), side.Sample)
	rec, err := db.Get(context.Background(), store.Answers, key, store.WithBody)
	if err != nil {
		w.t.Fatal(err)
	}
	rec.Meta[3] ^= 0xff // the digest of the text
	var b store.Batch
	b.Put(store.Answers, key, rec.Meta, rec.Body)
	if _, err := db.Apply(context.Background(), &b); err != nil {
		w.t.Fatal(err)
	}
}

// Answers are shown as Markdown or as they were written, and a vote leaves it so.
func TestRawVotes(t *testing.T) {
	p := newWorld(t).person().enrol("Ann", "50").shows("Show as written")
	p.open("/vote?raw=1").shows("Show Markdown", `class="words"`)
	p.send("/vote", "do", "tie", "raw", "1").shows("Saved", "Show Markdown")
}

// While somebody has the database for themselves a vote is not saved, the page says so and keeps the pair.
func TestVoteWhileTheDatabaseIsInUse(t *testing.T) {
	w := newWorld(t)
	refusing := &refusingSource{Source: w.site.source, err: &store.LockedError{Path: "arena.db", PID: 7, Command: "openarena db compact"}}
	w.site.source = refusing
	p := w.person().enrol("Ann", "50")
	left, _ := p.sides()
	p.do("right").shows("right is better, is not saved yet", "openarena db compact", `value="right" data-keys="2 ArrowRight" autofocus`)
	if again, _ := p.sides(); again != left || w.stored() != "" {
		t.Error("the pair is gone, or was voted on")
	}
	refusing.err = nil
	p.do("right").shows("Saved")
	if w.count("\n") != 1 {
		t.Errorf("stored is %s", w.stored())
	}
}

// refusingSource saves no vote while it has an error.
type refusingSource struct {
	Source
	err error
}

func (s *refusingSource) Vote(ctx context.Context, a *pipeline.Arena, slip pipeline.VoteSlip) error {
	if s.err != nil {
		return s.err
	}
	return s.Source.Vote(ctx, a, slip)
}

// A page of the same voter that is made while an undo is on its way is not waited for by who saves it, which waits for that page.
func TestUndoWhileAPageIsMade(t *testing.T) {
	w := newWorld(t)
	p := w.person().enrol("Ann", "50").do("left")
	meeting := &meetingSource{Source: w.site.source}
	w.site.source = meeting
	meeting.before = func() { (&person{world: w, client: p.client}).open("/vote").shows("Which answer is better?") }
	p.do("undo").shows("is taken back", "Pair 1 of")
	if w.stored() != "" {
		t.Errorf("after undo there is %s", w.stored())
	}
}

// meetingSource has something happen before a vote is saved.
type meetingSource struct {
	Source
	before func()
}

func (s *meetingSource) Vote(ctx context.Context, a *pipeline.Arena, slip pipeline.VoteSlip) error {
	s.before()
	return s.Source.Vote(ctx, a, slip)
}

// Who votes on a huge answer gets a page that a browser can show, which says that there is more and leads nowhere: the address of
// the rest names the model.
func TestVoteOnHugeAnswers(t *testing.T) {
	skin, err := newSkin(siteHref)
	if err != nil {
		t.Fatal(err)
	}
	for why, text := range map[string]string{"one line": strings.Repeat("ü", 5<<20), "many lines": strings.Repeat("\n", 10<<20)} {
		for _, raw := range []bool{false, true} {
			m := voting{Voter: voter{"Ann", 50}, Raw: raw, Prompt: []messageShown{{"user", newVoted(text)}}, Sides: []panel{{"Left", newVoted(text)}, {"Right", newVoted("short")}}}
			var b strings.Builder
			if err := skin.draw(&b, "vote", sheet{Main: m}); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(b.String(), "the rest is too long"); n != 2 || b.Len() > 3<<20 || strings.Contains(b.String(), "/raw/") {
				t.Errorf("%s, raw %v: a page of %d bytes says %d times that there is more; want two, and no link to it", why, raw, b.Len(), n)
			}
		}
	}
}
