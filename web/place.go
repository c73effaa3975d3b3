package web

import (
	"maps"
	"net/url"
	"slices"
)

// newPlace is a path with the whole of a query, in alphabetical order.
func newPlace(path string, query url.Values) *place {
	p := &place{path: path}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[key] {
			p.query = append(p.query, key, value)
		}
	}
	return p
}

// with is the place with another value for a key.
func (p *place) with(key, value string) *place {
	q := &place{path: p.path}
	for i := 0; i+1 < len(p.query); i += 2 {
		if p.query[i] != key {
			q.query = append(q.query, p.query[i], p.query[i+1])
		}
	}
	q.query = append(q.query, key, value)
	return q
}
