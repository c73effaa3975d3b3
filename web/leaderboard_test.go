package web

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"openarena/pipeline/rating"
)

// tree is a document as a browser has it.
func tree(t testing.TB, text string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// all are the elements of a name that have an attribute; "" is any.
func all(n *html.Node, name, attribute, value string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name && (attribute == "" || attr(d, attribute) == value) {
			found = append(found, d)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestLeaderboardByParts: each part has a section with a leaderboard for each of its members, whose names are safe.
func TestLeaderboardByParts(t *testing.T) {
	w := newWorld(t)
	for by, names := range map[string][]string{
		"dataset": {"riddles.jsonl", "poems.jsonl"}, "category": {"logic", "words", "(no category)"}, "judge": {"Judge", "Second"},
	} {
		doc := tree(t, w.page("/?by="+by))
		section := all(doc, "section", "aria-labelledby", "by-"+by+"-head")
		if len(section) != 1 {
			t.Fatalf("by %s there are %d sections", by, len(section))
		}
		var got []string
		for _, h := range all(section[0], "h3", "", "") {
			got = append(got, words(h))
		}
		if !slices.Equal(got, names) {
			t.Errorf("by %s there are %q; want %q", by, got, names)
		}
		if n := len(all(section[0], "svg", "role", "img")); n != len(names) {
			t.Errorf("by %s there are %d pictures", by, n)
		}
	}
	if n := len(all(tree(t, w.page("/?by=judge&by=dataset&by=judge")), "article", "", "")); n != 4 {
		t.Errorf("by two parts there are %d leaderboards; want 4", n)
	}
	if status, text := w.get("/?by=moon"); status != 400 || !strings.Contains(text, "dataset, category, judge") {
		t.Errorf("by moon is %d\n%s", status, text)
	}
}

// TestIdsAreUnique: what describes a picture is its own.
func TestIdsAreUnique(t *testing.T) {
	doc := tree(t, newWorld(t).page("/?by=judge&by=dataset&by=category"))
	seen := map[string]bool{}
	for d := range doc.Descendants() {
		id := attr(d, "id")
		if id != "" && seen[id] {
			t.Errorf("id %q is there twice", id)
		}
		seen[id] = true
	}
	for d := range doc.Descendants() {
		for id := range strings.FieldsSeq(attr(d, "aria-labelledby")) {
			if !seen[id] {
				t.Errorf("<%s> is named by %q, which is not there", d.Data, id)
			}
		}
	}
}

// TestHeatMapLeadsToBattles: each cell has rate, count and the address of its battles; both halves add up to 100.
func TestHeatMapLeadsToBattles(t *testing.T) {
	w := newWorld(t)
	doc := tree(t, w.page("/"))
	cells := all(all(doc, "table", "class", "heat")[0], "a", "", "")
	if len(cells) != 12 {
		t.Fatalf("%d cells of 4 models; want 12", len(cells))
	}
	for _, c := range cells {
		if !strings.HasPrefix(attr(c, "href"), "/battles?model=") || !strings.Contains(attr(c, "href"), "&vs=") || !strings.HasSuffix(words(c), "16") {
			t.Errorf("a cell says %q and leads to %s", words(c), attr(c, "href"))
		}
	}
}

// TestWayEndsAtElo: the lines of the picture end where the table says.
func TestWayEndsAtElo(t *testing.T) {
	w := newWorld(t)
	look, err := w.site.source.Look(t.Context(), w.arena)
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	board, way, err := w.arena.RateAlong(t.Context(), look, 5)
	if err != nil || len(way) < 2 || len(way) > 5 {
		t.Fatalf("%d milestones, %v", len(way), err)
	}
	end := way[len(way)-1]
	if end.Prompts != board.Prompts || way[0].Ratings[0] != 1000 {
		t.Errorf("from %v to %d of %d prompts", way[0].Ratings, end.Prompts, board.Prompts)
	}
	for _, r := range board.Ratings {
		for i, c := range w.arena.Contestants {
			if c.Name == r.Model && math.Abs(end.Ratings[i]-*r.Elo) > 1e-9 {
				t.Errorf("%s ends at %v; want %v", r.Model, end.Ratings[i], *r.Elo)
			}
		}
	}
}

// TestNoBattles: a page of an arena that nobody judged yet says so, and names its models.
func TestNoBattles(t *testing.T) {
	w := newWorld(t)
	text, err := os.ReadFile(filepath.Join(w.dir, "arena.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	other := strings.NewReplacer("judge-one", "judge-three", "judge-two", "judge-four").Replace(string(text))
	if err := os.WriteFile(filepath.Join(w.dir, "arena.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/", "/?by=dataset&by=category&by=judge"} {
		page := w.page(at)
		if !strings.Contains(page, "No battle is decided yet") || !strings.Contains(page, "Gamma &amp; Söhne") || strings.Contains(page, "NaN") {
			t.Errorf("%s without battles:\n%s", at, page)
		}
	}
}

func number64(x float64) *float64 { return &x }

// TestBoardOfEveryShape: whatever is known of models, each number stands in its column, and nothing is said that is not known.
func TestBoardOfEveryShape(t *testing.T) {
	tokens := 40
	long := strings.Repeat("very long ", 40)
	rated := func(name string, x float64) rating.Rating {
		rank := 1
		return rating.Rating{Model: name, Rating: number64(x), Lower: number64(x - 9), Upper: number64(x + 9), Elo: number64(x), WinRate: number64(0.5), Rank: &rank, Battles: 3}
	}
	priced := rated("</table><script>alert(1)</script>", 1010)
	priced.CostUSD, priced.Answers, priced.MeanTokens = number64(0.02), 10, &tokens
	apart := rated("עברית", 990)
	apart.Component, apart.Provisional = 1, true
	board := &rating.Leaderboard{Method: rating.BradleyTerry, Interval: "clustered", Components: 2, Battles: 6, Prompts: 3,
		Ratings: []rating.Rating{priced, rated(long, 1000), apart, {Model: "Absent", Component: -1}},
		Tied:    []rating.Tie{{Models: []string{priced.Model, long}, Needed: []*int{nil}}}}
	table, err := newBoardTable("x", "all", board)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(row int, title string) string {
		i := slices.IndexFunc(table.Columns, func(c boardColumn) bool { return c.Title == title })
		if i < 0 {
			return "no column " + title
		}
		return table.Rows[row][i].Text
	}
	for _, test := range []struct {
		row         int
		title, want string
	}{
		{0, "Rating", "1010"}, {0, "95 %", "1001 to 1019"}, {0, "Tokens", "40"}, {0, "Cost", "$0.0200"}, {0, "Tied", "a"}, {0, "Group", "1"},
		{1, "Tokens", "–"}, {1, "Cost", "unknown"}, {2, "Rating", "~990"}, {2, "Group", "2"}, {2, "Tied", ""},
		{3, "Rank", "–"}, {3, "Rating", "–"}, {3, "95 %", "–"}, {3, "Elo", "–"}, {3, "Win rate", "–"}, {3, "Group", "–"}, {3, "Battles", "0"},
	} {
		if got := shown(test.row, test.title); got != test.want {
			t.Errorf("row %d has %s %q; want %q", test.row, test.title, got, test.want)
		}
	}
	elo, err := newBoardTable("elo", "all", &rating.Leaderboard{Method: rating.Elo, Interval: "none", Components: 1, Battles: 1, Ratings: []rating.Rating{{Model: "A", Rating: number64(-0.2), Elo: number64(-0.2)}}})
	if err != nil || slices.ContainsFunc(elo.Columns, func(c boardColumn) bool { return c.Title == "95 %" || c.Title == "Tied" || c.Title == "Cost" }) || elo.Rows[0][2].Text != "0" {
		t.Errorf("Elo, which has no intervals, has %+v, %v", elo.Rows, err)
	}
	cost, err := drawCost(board)
	if err != nil {
		t.Fatal(err)
	}
	length, err := drawLength(board)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []drawing{cost, length} {
		if said := strings.Join(d.Words, " "); d.SVG == "" || !strings.Contains(said, "Not drawn") || !strings.Contains(said, "largest is drawn; models in others: 1.") {
			t.Errorf("%s says %q", d.Title, said)
		}
	}
	if len(cost.Rows) != 1 || cost.Rows[0][1].Text != "$2.00" {
		t.Errorf("costs are %v; want one of $2.00", cost.Rows)
	}
	priced.CostUSD, priced.MeanTokens = nil, nil
	board.Ratings[0] = priced
	if cost, err = drawCost(board); err != nil || cost.SVG != "" || len(cost.Words) != 2 {
		t.Errorf("without any price: %q, %v", cost.Words, err)
	}
}

func TestHeatMapOfEverySize(t *testing.T) {
	for _, n := range []int{0, 1, 2, 45, 60} {
		board := &rating.Leaderboard{}
		for i := range n {
			board.Ratings = append(board.Ratings, rating.Rating{Model: fmt.Sprint("m", i), Battles: 1})
			for j := range i {
				board.Pairs = append(board.Pairs, rating.Pair{A: fmt.Sprint("m", j), B: fmt.Sprint("m", i), Battles: 7, WinRate: number64(0.75)})
			}
		}
		h := newHeatMap(board)
		if n < 2 {
			if h != nil {
				t.Errorf("%d models have a heat map", n)
			}
			continue
		}
		if len(h.Rows) != min(n, mostInHeatMap) || h.Of != n || len(h.Rows[1].Cells) != len(h.Names) {
			t.Errorf("%d models have %d rows of %d", n, len(h.Rows), h.Of)
		}
		if c := h.Rows[0].Cells[1]; c.Rate != "75" || c.Shade != "win2" || h.Rows[1].Cells[0].Shade != "loss2" || !h.Rows[1].Cells[1].Self {
			t.Errorf("the first against the second: %+v", c)
		}
	}
	for rate, want := range map[float64]string{0: "loss4", 0.3: "loss2", 0.45: "even", 0.5: "even", 0.56: "even", 0.6: "win1", 1: "win4"} {
		if got := shade(rate); got != want {
			t.Errorf("shade(%v) = %s; want %s", rate, got, want)
		}
	}
}

// TestContrastOfHeatMap: text can be read on every shade, in light and dark (WCAG 2.2, 1.4.3: 4.5 to 1).
func TestContrastOfHeatMap(t *testing.T) {
	css, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	token := func(name string) [2][3]float64 {
		m := regexp.MustCompile(`--` + name + `: light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`).FindSubmatch(css)
		if m == nil {
			t.Fatalf("there is no --%s", name)
		}
		var both [2][3]float64
		for i := range both {
			n, err := strconv.ParseUint(string(m[i+1]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			both[i] = [3]float64{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
		}
		return both
	}
	ink, surface := token("ink"), token("surface")
	mixes := regexp.MustCompile(`\.heat \.(?:win|loss)\d \{ background: color-mix\(in srgb, var\(--(win|loss)\) (\d+)%, var\(--surface\)\)`).FindAllSubmatch(css, -1)
	if len(mixes) != 2*shades {
		t.Fatalf("%d shades; want %d", len(mixes), 2*shades)
	}
	for _, m := range mixes {
		part, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			t.Fatal(err)
		}
		of := token(string(m[1]))
		for theme := range 2 {
			var under [3]float64
			for c := range under {
				under[c] = of[theme][c]*part/100 + surface[theme][c]*(1-part/100)
			}
			if got := contrast(ink[theme], under); got < 4.5 {
				t.Errorf("%s of %s %% in theme %d: the contrast is %.2f", m[1], m[2], theme, got)
			}
		}
	}
}

// contrast is that of WCAG, of two colours from 0 to 255.
func contrast(x, y [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		linear := func(v float64) float64 {
			if v /= 255; v <= 0.04045 {
				return v / 12.92
			}
			return math.Pow((v+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
	}
	a, b := luminance(x), luminance(y)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}
