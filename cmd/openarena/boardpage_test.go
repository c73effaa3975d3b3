package main

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/pipeline/rating"
	"openarena/web"
)

// TestPageHasTheNumbersOfRate: what the leaderboard's page shows of a golden arena is what `rate --json` prints, digit by digit.
func TestPageHasTheNumbersOfRate(t *testing.T) {
	t.Parallel()
	f := goldenFolder(t, filepath.Join("testdata", "golden", "schema-1"))
	var want rating.Leaderboard
	if err := json.Unmarshal([]byte(f.openarena("rate", "--json")), &want); err != nil {
		t.Fatal(err)
	}
	source := web.NewLocal(func() (*pipeline.Arena, error) {
		c, err := configs.Load(filepath.Join(f.dir, "arena.yaml"), func(name string) (string, bool) { return f.env[name], true })
		if err != nil {
			return nil, err
		}
		return pipeline.New(c, pipeline.Trial{})
	})
	defer source.Close()
	site, err := web.New(web.Options{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	reply := httptest.NewRecorder()
	site.ServeHTTP(reply, httptest.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1/", nil))
	if reply.Code != 200 {
		t.Fatalf("the page is %d:\n%s", reply.Code, reply.Body)
	}
	got := pageTable(t, reply.Body.String())
	if len(got) != len(want.Ratings) {
		t.Fatalf("%d models on the page; want %d", len(got), len(want.Ratings))
	}
	for i, r := range want.Ratings {
		for title, value := range map[string]string{
			"Model": r.Model, "Rank": exactWhole(r.Rank), "Rating": exact(r.Rating), "Elo": exact(r.Elo), "Win rate": exact(r.WinRate),
			"Battles": strconv.Itoa(r.Battles), "Ties": strconv.Itoa(r.Ties), "Invalid": strconv.Itoa(r.Invalid), "Tokens": exactWhole(r.MeanTokens), "Cost": exact(r.CostUSD),
		} {
			if got[i][title] != value {
				t.Errorf("%s of %s is %q; want %q", title, r.Model, got[i][title], value)
			}
		}
	}
	for _, note := range want.Notes {
		if !strings.Contains(html.UnescapeString(reply.Body.String()), note) {
			t.Errorf("the page does not say: %s", note)
		}
	}
}

// pageTable is the exact values of the leaderboard of a page, by row and title of the column.
func pageTable(t *testing.T, page string) (rows []map[string]string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "table" || !strings.Contains(attribute(n, "class"), "board") {
			continue
		}
		for cell := range n.Descendants() {
			switch {
			case cell.Type != html.ElementNode:
			case cell.Data == "th" && attribute(cell, "scope") == "col":
				titles = append(titles, cell.FirstChild.Data)
			case cell.Data == "tr" && len(titles) > 0:
				rows = append(rows, map[string]string{})
				column := 0
				for one := range cell.ChildNodes() {
					if one.Type == html.ElementNode {
						rows[len(rows)-1][titles[column]] = attribute(one, "data-value")
						column++
					}
				}
			}
		}
		return rows
	}
	t.Fatal("the page has no leaderboard")
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
