package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/columns"
	"openarena/store"
)

var searchRoute = route{http.MethodGet, "/battles/search", (*Site).search}

const (
	mostHits      = 200                    // of one search: whoever wants more goes on from there
	pageHits      = 50                     // of a page
	pageSearch    = 800 * time.Millisecond // that making a page may search
	lookSearch    = 250 * time.Millisecond // that a search has the database in one go
	hitsWait      = 30 * time.Second       // for a browser to take some hits
	longestSearch = 500                    // letters that are looked for
)

// found is a hit as pages and scripts show it.
type found struct {
	Page   string `json:"page"` // the address of a battle
	Where  string `json:"where"`
	Before string `json:"before"`
	Match  string `json:"match"`
	After  string `json:"after"`
	Left   string `json:"left"`
	Right  string `json:"right"`
	More   string `json:"more,omitempty"`
	Place  *place `json:"-"`
}

// searchState is how far a search is.
type searchState struct {
	Looked int    `json:"looked"` // prompts
	Of     int    `json:"of"`
	Hits   int    `json:"hits"`
	End    string `json:"end,omitempty"`  // all: nothing is left; enough: it goes on from From; else it is not at its end
	From   string `json:"from,omitempty"` // the hash of a prompt
}

// hunt is a search in what a visit's query describes.
type hunt struct {
	search *pipeline.Search
	table  *columns.Table
	query  columns.Query
	hits   []found // that were not taken yet
	count  int
}

// placesToLook are those of the query; none stands for all.
func placesToLook(v *visit) (in pipeline.SearchIn) {
	for _, one := range v.query["in"] {
		in.Prompts = in.Prompts || one == "prompts"
		in.Answers = in.Answers || one == "answers"
		in.Explanations = in.Explanations || one == "explanations"
	}
	if in == (pipeline.SearchIn{}) {
		in = pipeline.SearchIn{Prompts: true, Answers: true, Explanations: true}
	}
	return in
}

// searchText is what a visit looks for; "": nothing.
func searchText(v *visit) string {
	text := []rune(strings.TrimSpace(v.query.Get("q")))
	return string(text[:min(len(text), longestSearch)])
}

func newHunt(v *visit) (*hunt, error) {
	t, err := tableOf(v)
	if err != nil {
		return nil, err
	}
	q, s, wrong, err := selected(v, t)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, unusable(strings.Join(wrong, "; "))
	}
	var from pipeline.Hash
	if text := v.query.Get("from"); text != "" {
		if from, err = pipeline.ParsePrompt(text); err != nil {
			return nil, unusable(err.Error())
		}
	}
	return &hunt{search: v.arena.NewSearch(t, s, searchText(v), placesToLook(v), from), table: t, query: q}, nil
}

// look searches for a while, until there are so many hits or it is told to stop.
func (h *hunt) look(v *visit, most int, until time.Time, stop func() bool) error {
	return h.search.Look(v, v.look, func(hit pipeline.Hit) {
		h.count++
		h.hits = append(h.hits, h.found(hit))
	}, func() bool { return h.count >= most || !time.Now().Before(until) || stop() })
}

func (h *hunt) found(hit pipeline.Hit) found {
	b := h.table.Battle(hit.Row)
	left, right := b.A, b.B
	if seenFromB(h.table, h.query, &b) {
		left, right = right, left
	}
	f := found{Before: hit.Before, Match: hit.Match, After: hit.After, Left: label(h.table, left), Right: label(h.table, right), Place: battlePlace(h.table, h.query, &b)}
	f.Page = siteHref(f.Place.path, f.Place.query...)
	switch hit.Where {
	case "answer":
		f.Where = "answer of " + hit.Who
	case "explanation":
		f.Where = "judge " + hit.Who
	default:
		f.Where = hit.Where
	}
	switch {
	case hit.More == 1:
		f.More = "and one more battle"
	case hit.More > 1:
		f.More = "and " + terminal.Count(int64(hit.More)) + " more battles"
	}
	return f
}

func (h *hunt) state(most int) searchState {
	s := searchState{Hits: h.count}
	s.Looked, s.Of = h.search.Progress()
	switch {
	case h.search.Done():
		s.End = "all"
	case h.count >= most:
		s.End = "enough"
	}
	if s.End != "all" {
		s.From = h.search.At().String()
	}
	return s
}

// search streams hits as JSON lines: {"hit": …} for each, and {"state": …} after each look at the database, the last one with
// its end. It ends when nobody reads any more.
func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	if strings.TrimSpace(r.URL.Query().Get("q")) == "" {
		return unusable("There is nothing to search for: q is empty.")
	}
	if !s.streams.try() {
		return errBusy
	}
	defer s.streams.give()
	s.requests.give() // it is long, and has a bound of its own
	defer func() { s.requests <- struct{}{} }()
	var h *hunt
	for lost := 0; ; {
		err := s.visit(r, func(v *visit) (err error) {
			if h == nil {
				if h, err = newHunt(v); err != nil {
					return err
				}
			}
			return h.look(v, mostHits, time.Now().Add(lookSearch), s.stopping)
		})
		if errors.Is(err, store.ErrClosed) && lost < 3 { // the run ended through which it was read
			lost++
			continue
		}
		if err != nil && (h == nil || h.count == 0) {
			return err
		}
		if err != nil || !h.tell(w) || s.stopping() {
			return nil
		}
	}
}

func (s *Site) stopping() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

// tell writes what was found since the last time; false: it was the last.
func (h *hunt) tell(w http.ResponseWriter) (more bool) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(hitsWait)) // a server that knows none waits as it does
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	out := json.NewEncoder(w)
	for _, hit := range h.hits {
		if out.Encode(map[string]found{"hit": hit}) != nil {
			return false
		}
	}
	h.hits = h.hits[:0]
	state := h.state(mostHits)
	if out.Encode(map[string]searchState{"state": state}) != nil || control.Flush() != nil {
		return false
	}
	return state.End == ""
}

// results are the hits of a page that is made without scripts: what is found in a moment, and where to go on.
type results struct {
	Text string
	Hits []found
	searchState
	More *place // nil: that was all
}

func makeResults(v *visit) (*results, error) {
	h, err := newHunt(v)
	if err != nil {
		return nil, err
	}
	if err := h.look(v, pageHits, time.Now().Add(pageSearch), func() bool { return false }); err != nil {
		return nil, err
	}
	r := &results{Text: searchText(v), Hits: h.hits, searchState: h.state(pageHits)}
	if r.End != "all" {
		r.More = &place{"/battles", append(pairsOf(h.query), searchPairs(v)...)}
		r.More.query = append(r.More.query, "from", r.From)
	}
	return r, nil
}

// searchPairs are what is looked for and where, in pairs of key and value.
func searchPairs(v *visit) (pairs []string) {
	if text := searchText(v); text != "" {
		pairs = append(pairs, "q", text)
		for _, one := range v.query["in"] {
			pairs = append(pairs, "in", one)
		}
	}
	return pairs
}
