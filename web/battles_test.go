package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openarena/pipeline"
	"openarena/pipeline/columns"
)

var (
	boutAddress = regexp.MustCompile(`<a class="open" href="([^"]*)"`)
	pagerLink   = regexp.MustCompile(`rel="(next|prev)" href="([^"]*)"`)
)

// addresses are those of the battles that a list shows.
func addresses(text string) (all []string) {
	for _, m := range boutAddress.FindAllStringSubmatch(text, -1) {
		path, _, _ := strings.Cut(html.UnescapeString(m[1]), "?")
		all = append(all, path)
	}
	return all
}

// turn is where the list's link to its next or previous page leads.
func turn(text, rel string) string {
	for _, m := range pagerLink.FindAllStringSubmatch(text, -1) {
		if m[1] == rel {
			return html.UnescapeString(m[2])
		}
	}
	return ""
}

// TestListIsPaged: pages one after the other have all battles once, and back the same ones again.
func TestListIsPaged(t *testing.T) {
	w := newWorld(t)
	for _, query := range []string{"", "?order=margin", "?order=disagreement&model=Beta", "?dataset=poems.jsonl"} {
		var all []string
		seen := map[string]bool{}
		at, pages := "/battles"+query, []string{}
		for at != "" {
			text := w.page(at)
			for _, a := range addresses(text) {
				if seen[a] {
					t.Fatalf("%s: %s stands on two pages", query, a)
				}
				seen[a] = true
				all = append(all, a)
			}
			pages, at = append(pages, at), turn(text, "next")
		}
		if want := map[string]int{"": 96, "?order=margin": 96, "?order=disagreement&model=Beta": 48, "?dataset=poems.jsonl": 48}[query]; len(all) != want {
			t.Errorf("%s: %d battles on %d pages; want %d", query, len(all), len(pages), want)
		}
		if len(pages) > 1 {
			if back := addresses(w.page(turn(w.page(pages[1]), "prev"))); !slices.Equal(back, all[:onPage]) {
				t.Errorf("%s: back on the first page stand %q", query, back)
			}
		}
	}
}

// TestPageStays: a page begins with the battle that its address names, whatever comes before it later.
func TestPageStays(t *testing.T) {
	w := newWorld(t)
	second := turn(w.page("/battles"), "next")
	first := addresses(w.page(second))[0]
	u, _ := url.Parse(second)
	q := u.Query()
	q.Set("dataset", "poems.jsonl") // there are fewer before it now
	if got := addresses(w.page("/battles?" + q.Encode())); got[0] != first {
		t.Errorf("with fewer battles before it the page begins with %s; want %s", got[0], first)
	}
	q.Set("page", strings.Repeat("0", 32)+"-"+strings.Repeat("0", 16)+"-"+strings.Repeat("1", 16))
	if text := w.page("/battles?" + q.Encode()); !strings.Contains(text, "not there any more") || len(addresses(text)) == 0 {
		t.Error("of a battle that is not there nothing is said")
	}
}

func TestPagesAreCounted(t *testing.T) {
	w := newWorld(t)
	first := w.page("/battles")
	second := addresses(w.page(turn(first, "next")))
	for page, want := range map[string][]string{"1": addresses(first), "2": second, "99": second, "0": addresses(first), "-1": addresses(first)} {
		if got := addresses(w.page("/battles?page=" + page)); !slices.Equal(got, want) {
			t.Errorf("page %s begins with %v; want %v", page, got[:1], want[:1])
		}
	}
}

func TestListTells(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ why, query, want string }{
		{"an unknown model", "?model=Alpah", `there is no model &#34;Alpah&#34;`},
		{"an unknown model against another", "?model=Alpha&vs=<b>", `there is no model &#34;\u003cb&gt;&#34;`},
		{"an unknown judge", "?judge=nobody", `there is no judge &#34;nobody&#34;; it may be Judge, Second`},
		{"an unknown order", "?order=luck", `there is no order &#34;luck&#34;`},
		{"which filter leaves nothing", "?model=Alpha&verdict=invalid&dataset=poems.jsonl", "No battle passes all filters."},
		{"how many there are without one", "?model=Alpha&votes=agree", "votes"},
		{"no category", "?category=" + url.QueryEscape(columns.NoCategory), "of 48 battles, 96 in all"},
		{"the prompt", "", "Riddle"},
		{"names in any script", "?model=" + url.QueryEscape("دلتا"), "دلتا"},
		{"what stands in none of the texts", "?q=no-such-words", "stands in none of the texts"},
		{"a search for what has markup", "?q=" + url.QueryEscape("<script>alert(1)</script>"), "&lt;script&gt;"},
	} {
		want := strings.ReplaceAll(c.want, `\u003cb&gt;`, "&lt;b&gt;")
		if text := w.page("/battles" + c.query); !strings.Contains(text, want) {
			t.Errorf("%s: %s lacks %q\n%s", c.why, c.query, want, text)
		}
	}
	if text := w.page("/battles?judge=nobody"); len(addresses(text)) != 0 {
		t.Error("a list for an unknown judge shows battles")
	}
}

// TestEmptyListSaysWhy: beside each filter stands how many battles there are without it, and its link leads to them.
func TestEmptyListSaysWhy(t *testing.T) {
	w := newWorld(t)
	text := w.page("/battles?model=Alpha&dataset=poems.jsonl&category=logic")
	links := regexp.MustCompile(`<li>Without <a href="([^"]*)"[^>]*>[^<]*</a>: (\d+) battle`).FindAllStringSubmatch(text, -1)
	if len(links) != 3 {
		t.Fatalf("there are %d filters to leave out; want 3\n%s", len(links), text)
	}
	for _, l := range links {
		s := mustSelectAt(t, w, html.UnescapeString(l[1]))
		if fmt.Sprint(len(s.Rows)) != l[2] {
			t.Errorf("without one filter there are %s battles; %s has %d", l[2], l[1], len(s.Rows))
		}
	}
}

// visitTo is a visit of an address, until the test ends.
func (w *world) visitTo(address string) *visit {
	w.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		w.t.Fatal(err)
	}
	l := w.look()
	w.t.Cleanup(l.Close)
	return &visit{Context: w.t.Context(), arena: w.arena, look: l, query: u.Query(), path: func(string) string { return "" }, shelf: newShelf()}
}

func mustSelectAt(t *testing.T, w *world, address string) *columns.Selection {
	t.Helper()
	v := w.visitTo(address)
	table, err := tableOf(v)
	if err != nil {
		t.Fatal(err)
	}
	_, s, _, err := selected(v, table)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNeighboursOfABattle: from battle to battle one gets through a list, there and back.
func TestNeighboursOfABattle(t *testing.T) {
	w := newWorld(t)
	list := addresses(w.page("/battles?model=Beta&dataset=riddles.jsonl&order=margin"))
	v := w.visitTo("/battles?model=Beta&dataset=riddles.jsonl&order=margin")
	for i, at := range list {
		parts := strings.Split(strings.TrimPrefix(at, "/battle/"), "/")
		n, err := neighboursOf(v, parts[0], parts[1], parts[2])
		if err != nil {
			t.Fatal(err)
		}
		path := func(p *place) string {
			if p == nil {
				return ""
			}
			return p.path
		}
		want := func(i int) string {
			if i < 0 || i >= len(list) {
				return ""
			}
			return list[i]
		}
		if path(n.Previous) != want(i-1) || path(n.Next) != want(i+1) || n.At != i+1 || n.Of != len(list) || n.List == nil {
			t.Errorf("battle %d of %d: %q and %q are beside it; want %q and %q", n.At, n.Of, path(n.Previous), path(n.Next), want(i-1), want(i+1))
		}
	}
}

// stream reads a search to its end.
func (w *world) stream(ctx context.Context, query string) (hits []found, last searchState, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/battles/search?"+query, nil)
	if err != nil {
		return nil, last, err
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, last, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return nil, last, fmt.Errorf("it is %d", reply.StatusCode)
	}
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		var line struct {
			Hit   *found
			State *searchState
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return hits, last, err
		}
		if line.Hit != nil {
			hits = append(hits, *line.Hit)
		} else {
			last = *line.State
		}
	}
	return hits, last, nil
}

func TestSearchStreams(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		query string
		hits  int
	}{
		{"q=RIDDLE+3&in=prompts", 1}, {"q=riddle&in=prompts", 8}, {"q=riddle&in=prompts&category=words", 4}, {"q=nowhere", 0},
	} {
		hits, last, err := w.stream(t.Context(), c.query)
		if err != nil || len(hits) != c.hits || last.Hits != c.hits || last.End != "all" {
			t.Errorf("%s: %d hits, %+v, %v; want %d", c.query, len(hits), last, err, c.hits)
		}
		for _, h := range hits {
			if !strings.EqualFold(h.Match, "riddle") && !strings.EqualFold(h.Match, "riddle 3") || !strings.HasPrefix(h.Page, "/battle/") {
				t.Errorf("%s: a hit is %+v", c.query, h)
			}
			w.page(h.Page)
		}
		if text := w.page("/battles?" + c.query); len(addresses(text)) != c.hits {
			t.Errorf("%s: the page has %d hits; want %d", c.query, len(addresses(text)), c.hits)
		}
	}
	for query, status := range map[string]int{"": http.StatusBadRequest, "q=x&judge=nobody": http.StatusBadRequest, "q=x&from=zz": http.StatusBadRequest} {
		if got, _ := w.get("/battles/search?" + query); got != status {
			t.Errorf("search?%s is %d; want %d", query, got, status)
		}
	}
}

// TestSearchEndsWithItsReader: who goes away, or types again, has nobody search on.
func TestSearchEndsWithItsReader(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	v := w.visitTo("/battles?q=a")
	v.Context = ctx
	h, err := newHunt(v)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := h.search.Look(v, v.look, func(pipeline.Hit) {}, func() bool { return false }); err == nil {
		t.Error("a search whose reader has gone ends without an error")
	}
	if h.search.Done() {
		t.Error("a search whose reader has gone looked at everything")
	}
}
