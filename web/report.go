package web

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strings"

	"openarena/configs"
	"openarena/pipeline"
)

// ReportOptions are those of a report.
type ReportOptions struct {
	Title   string // of the document
	Battles int    // at most, those on which judges disagree most first; 0: as many as there is room for
	NoTexts bool   // battles are listed, without what was said in them
	Replies bool   // of judges as they came, too

	room int // bytes of prompts with their battles, unless Battles says how many; 0: mostTexts
}

// reported are the pages of which a report has a section each.
var reported = []page{leaderboard, judgesPage, contents}

// reportScripts are those files of static that a report has within it, in this order.
var reportScripts = []string{"theme.js", "sort.js", "battles.js", "reportbattles.js", "report.js"}

// Report writes pages of an arena as one document that needs no server and no network: style and scripts stand in it, and
// nothing else may load or run. The same database and file give the same bytes. It returns in a sentence what was left out; ""
// where nothing was. An error of w ends it with a part written.
func Report(ctx context.Context, w io.Writer, a *pipeline.Arena, l Look, o ReportOptions) (left string, err error) {
	v := &visit{Context: ctx, arena: a, look: l, query: url.Values{"by": partsOf(a.Config)}, path: func(string) string { return "" }, shelf: newShelf()}
	d := document{Title: o.Title, Live: l.Live(), Battles: &anthology{}}
	skin, err := newSkin(d.href)
	if err != nil {
		return "", err
	}
	if err := d.dress(); err != nil {
		return "", err
	}
	if err := d.Battles.gather(v, skin, o); err != nil { // first, since it says what links can lead to
		return "", err
	}
	for _, p := range reported {
		s, err := d.section(v, skin, p)
		if err != nil {
			return "", err
		}
		d.Sections = append(d.Sections, s)
	}
	var b bytes.Buffer
	if err := skin["report"].Execute(&b, d); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	_, err = b.WriteTo(w)
	return d.Battles.Left(), err
}

// partsOf are the parts of the battles that differ from the whole.
func partsOf(c *configs.Config) (by []string) {
	if len(c.Datasets) > 1 {
		by = append(by, "dataset")
	}
	if slices.ContainsFunc(c.Datasets, func(d configs.Dataset) bool { return d.CategoryField != "" }) {
		by = append(by, "category")
	}
	if len(c.Judges) > 1 {
		by = append(by, "judge")
	}
	return by
}

// document is what the template of reports shows.
type document struct {
	Title    string
	Live     bool
	Policy   string
	Head     template.HTML // the style, and what has to run before anything is drawn
	Scripts  template.HTML
	Sections []section
	Battles  *anthology
}

// section is a page as a part of a report.
type section struct {
	Name, Title string
	Body        template.HTML
}

// section draws a page. Where it leads to what the report lacks there is no link.
func (d *document) section(v *visit, s skin, p page) (section, error) {
	main, err := p.make(v)
	if err != nil {
		return section{}, err
	}
	var b bytes.Buffer
	if err := s[p.name].ExecuteTemplate(&b, "main", sheet{Title: p.title, Here: p.name, Live: d.Live, Main: main}); err != nil {
		return section{}, fmt.Errorf("page %s: %w", p.name, err)
	}
	return section{p.name, p.title, template.HTML(strings.ReplaceAll(b.String(), nowhere, ""))}, nil
}

// absent is the address of what a report lacks, and nowhere the attribute that holds it: texts of others have no quotes that are
// not escaped, so that none can be taken for it.
const (
	absent  = "#-"
	nowhere = ` href="` + absent + `"`
)

// href is the address of a page within the report.
func (d *document) href(path string, query ...string) string {
	for _, p := range reported {
		if address(p.path) == path && len(query) == 0 {
			return "#" + p.name
		}
	}
	if path == "/battles" {
		return "#" + siteHref(path, query...)[1:]
	}
	if battle, is := strings.CutPrefix(path, "/battle/"); is && d.Battles.has(battle) {
		return "#battle/" + battle
	}
	return absent
}
