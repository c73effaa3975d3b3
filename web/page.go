package web

import (
	"context"
	"net/url"

	"openarena/pipeline"
)

// page is one place of the site.
type page struct {
	name  string                    // of its template
	path  string                    // its address; {name} stands for a part that differs
	title string                    // in the navigation; "" where others lead to it
	heads func(*visit) string       // the title of the document where it is another
	uses  []string                  // scripts of its own, in static
	still bool                      // it is not made anew while it is shown: a person works on it
	make  func(*visit) (any, error) // what its template shows
}

// pages are the whole site, in the order of the navigation.
var pages = []page{
	leaderboard,
	battlesPage,
	runPage,
	battlePage,
	judgesPage,
	promptPage,
	votePage,
	whatIfPage,
	comparePage,
	data,
}

// visit is one look at a page, in a browser or for a report.
type visit struct {
	context.Context
	arena  *pipeline.Arena
	look   Look
	query  url.Values
	path   func(name string) string // what stands in the address for {name}
	cookie func(name string) string // nil in a report
	shelf  *shelf
	booth  *booth  // nil in a report
	others []Other // to compare with
}
