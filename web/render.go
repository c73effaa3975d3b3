package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/url"

	"openarena/internal/terminal"
	"openarena/web/markdown"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// skin draws pages: each template defines "main", what layout puts into a whole document.
type skin map[string]*template.Template

// newSkin parses all templates. href makes the address of a page from its path and its query, in pairs of key and value: a
// report has other addresses than a site.
func newSkin(href func(path string, query ...string) string) (skin, error) {
	base, err := template.New("layout.html").Funcs(template.FuncMap{
		"href":     href,
		"hrefs":    func(path string, query []string) string { return href(path, query...) },
		"leads":    func(to *place) string { return href(to.path, to.query...) },
		"count":    counted,
		"tokens":   terminal.Tokens,
		"money":    terminal.Money,
		"duration": terminal.Duration,
		"bytes":    terminal.Bytes,
		"number":   number,
		"percent":  percent,
		"signed":   signed,
		"dict":     dict,
		"prose":    prose,
		"svg":      picture,
		"markdown": markdown.HTML,
		"plain":    markdown.Plain,
	}).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	s := skin{}
	for _, name := range append(names(), "error", "contents", "pack") {
		t := template.Must(base.Clone())
		files := []string{"templates/" + name + ".html"}
		if name == "pack" { // which holds rows of the list, and verdicts
			files = append([]string{"templates/battles.html", "templates/battle.html"}, files...)
		}
		if s[name], err = t.ParseFS(templateFiles, files...); err != nil {
			return nil, err
		}
	}
	s["report"], err = base.New("report.html").ParseFS(templateFiles, "templates/report.html")
	return s, err
}

// names are those of all pages.
func names() (all []string) {
	for _, p := range pages {
		all = append(all, p.name)
	}
	return all
}

// sheet is what layout shows.
type sheet struct {
	Title   string
	Arena   string   // what the arena is called
	Here    string   // the name of the page
	Pages   []link   // of the navigation
	Scripts []string // files in static
	Token   string   // that shows that a form came from here; "": there is no form
	Live    bool     // a run goes on
	Mark    string   // of what is shown
	Still   bool     // it is not to change while it is shown
	Main    any      // what the page shows
}

type link struct{ Name, Path, Title string }

// draw writes a page. Nothing is written where its template fails.
func (s skin) draw(w io.Writer, name string, sh sheet) error {
	var b bytes.Buffer
	if err := s[name].Execute(&b, sh); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	_, err := b.WriteTo(w)
	return err
}

// siteHref is an address within a site.
func siteHref(path string, query ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		q.Add(query[i], query[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
