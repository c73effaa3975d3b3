package web

import "net/http"

// route is a place of the site that is no page. What serves it returns an error before it has written anything, which is shown
// as a page or, to who did not ask for HTML, as text.
type route struct {
	method string // GET; or POST, for which it is checked that the request was made by one of our own pages
	path   string
	serve  func(*Site, http.ResponseWriter, *http.Request) error
}

// routes are all of them. A form of a page that posts to one holds {{template "token" .Token}}.
var routes = append([]route{
	{http.MethodGet, "/events", (*Site).events},
	searchRoute,
	{http.MethodGet, "/now", (*Site).nowAsked},
	{http.MethodPost, "/vote", castVote},
	{http.MethodPost, "/vote/name", enroll},
}, rawRoutes...)
