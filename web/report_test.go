package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// report writes a report of the world.
func (w *world) report(o ReportOptions) string {
	w.t.Helper()
	l := w.look()
	defer l.Close()
	var b bytes.Buffer
	if _, err := Report(w.t.Context(), &b, w.arena, l, o); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

// plain is a report of the small arena with everything in it, made once.
var plain struct {
	once sync.Once
	text string
}

func plainReport(t *testing.T) string {
	t.Helper()
	plain.once.Do(func() { plain.text = newWorld(t).report(ReportOptions{Title: "small"}) })
	if plain.text == "" {
		t.Skip("there is no report; another test tells why")
	}
	return plain.text
}

// TestReportRunsWhatItsPolicyNames: scripts and styles are those whose hashes stand in the policy, and nothing else is let in.
func TestReportRunsWhatItsPolicyNames(t *testing.T) {
	text := plainReport(t)
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)[1])
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s; want nothing but what is named", policy)
	}
	var hashes []string
	for _, of := range regexp.MustCompile(`(?s)<(script|style)>(.*?)</(script|style)>`).FindAllStringSubmatch(text, -1) {
		sum := sha256.Sum256([]byte(of[2]))
		hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	named := regexp.MustCompile(`'sha256-[^']*'`).FindAllString(policy, -1)
	slices.Sort(hashes)
	slices.Sort(named)
	if len(hashes) != len(reportScripts)+1 || !slices.Equal(hashes, named) {
		t.Errorf("scripts and style hash to %q, and the policy names %q", hashes, named)
	}
}

// TestReportLeadsNowhereElse: every link of a report ends in it, at something that is there once.
func TestReportLeadsNowhereElse(t *testing.T) {
	text := plainReport(t)
	ids := map[string]int{}
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if ids[id[1]]++; ids[id[1]] == 2 {
			t.Errorf("there are two elements with id %s", id[1])
		}
	}
	links := regexp.MustCompile(` href="([^"]*)"`).FindAllStringSubmatch(text, -1)
	for _, link := range links {
		to, inside := strings.CutPrefix(link[1], "#")
		to, _, _ = strings.Cut(to, "?")
		if to, _, _ = strings.Cut(to, "/"); !inside || ids[to] == 0 {
			t.Errorf("href=%q leads to nothing in the report", link[1])
		}
	}
	if len(links) < len(reported) {
		t.Errorf("there are %d links; want one for each of %d parts", len(links), len(reported))
	}
	if m := regexp.MustCompile(`(?i) (src|action|formaction|background|poster)=|https?://|@import|(?-i:url\()`).FindString(text); m != "" {
		t.Errorf("the report has %q, which needs more than this file", m)
	}
}

func TestReportIsTheSameAgain(t *testing.T) {
	if newWorld(t).report(ReportOptions{Title: "small"}) != plainReport(t) {
		t.Error("two reports of one database differ")
	}
}

// TestReportStopsWhenNobodyReads: an error of the writer is that of the report.
func TestReportStopsWhenNobodyReads(t *testing.T) {
	w := newWorld(t)
	l := w.look()
	defer l.Close()
	if _, err := Report(t.Context(), shut{}, w.arena, l, ReportOptions{NoTexts: true}); err != io.ErrClosedPipe {
		t.Errorf("Report to a closed pipe: %v; want %v", err, io.ErrClosedPipe)
	}
}

type shut struct{}

func (shut) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
