package prices

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Book answers what a model costs.
type Book struct {
	Source string // whose list it is
	Date   string // when it was taken, as 2006-01-02

	entries map[string]map[string][]Price // by provider and model, both in lower case
	size    int
}

// file is a book as JSON.
type file struct {
	Format string  `json:"format"`
	Source string  `json:"source"`
	Date   string  `json:"date"`
	Models []Entry `json:"models"`
}

// fileFormat is the version of that form.
const fileFormat = "openarena-prices-1"

// Encode writes entries as a file that Read reads: a model a line, in order.
func Encode(source, date string, entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	text := func(v any) []byte {
		out, err := json.Marshal(v)
		if err != nil {
			panic(err) // strings and checked numbers
		}
		return out
	}
	fmt.Fprintf(&b, "{\"format\": %s, \"source\": %s, \"date\": %s, \"models\": [\n", text(fileFormat), text(source), text(date))
	for i, e := range entries {
		if wrong := e.check(); wrong != "" {
			return nil, fmt.Errorf("%s/%s: %s", e.Provider, e.Model, wrong)
		}
		b.Write(text(e))
		if i < len(entries)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

// Read reads what Encode wrote.
func Read(data []byte) (*Book, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil || f.Format != fileFormat {
		return nil, fmt.Errorf("it is not what `openarena prices import FILE` writes; have it written anew, or remove it")
	}
	b := &Book{Source: f.Source, Date: f.Date, entries: map[string]map[string][]Price{}, size: len(f.Models)}
	for _, e := range f.Models {
		if wrong := e.check(); wrong != "" {
			return nil, fmt.Errorf("%s/%s: %s", e.Provider, e.Model, wrong)
		}
		models := b.entries[e.Provider]
		if models == nil {
			models = map[string][]Price{}
			b.entries[e.Provider] = models
		}
		name := strings.ToLower(e.Model)
		models[name] = append(models[name], e.Price)
	}
	return b, nil
}

// Len is how many models it prices.
func (b *Book) Len() int { return b.size }

//go:embed common.json
var common []byte

// Common is the built-in table of models that are often used. Its date says how old it is.
var Common = sync.OnceValue(func() *Book {
	b, err := Read(common)
	if err != nil {
		panic("internal/prices: common.json: " + err.Error()) // a test reads it
	}
	return b
})

// dated are the suffixes under which providers keep a model as it was on a day.
var dated = regexp.MustCompile(`[-@](\d{4}-\d{2}-\d{2}|\d{8})$`)

// Lookup returns what a model costs under an endpoint's host. The host says whose list counts. There the model is looked for
// as it is written, then without the provider before it (openai/…, models/…), and of these first with its date and then
// without; a model that is named without a date has the price of its dated ones where these agree. Upper and lower case are the
// same. Prices that contradict each other are none.
func (b *Book) Lookup(host, model string) (Price, bool) {
	provider := providerAt(host)
	models := b.entries[provider]
	if models == nil {
		return Price{}, false
	}
	name := strings.ToLower(model)
	names := []string{name}
	for _, prefix := range []string{provider + "/", "models/"} {
		if bare, ok := strings.CutPrefix(name, prefix); ok {
			names = append(names, bare)
		}
	}
	for _, n := range names {
		if found := models[n]; found != nil {
			return agreed(found)
		}
	}
	for _, n := range names {
		if found := models[dated.ReplaceAllString(n, "")]; found != nil {
			return agreed(found)
		}
	}
	var found []Price
	for _, n := range names {
		for other, p := range models {
			if other != n && dated.ReplaceAllString(other, "") == n {
				found = append(found, p...)
			}
		}
	}
	return agreed(found)
}

// Anywhere returns what a model costs wherever it is offered, if that is the same everywhere: for one whose endpoint is not
// known any more.
func (b *Book) Anywhere(model string) (Price, bool) {
	var found []Price
	for host, provider := range hosts {
		if b.entries[provider] == nil {
			continue
		}
		if p, ok := b.Lookup(host, model); ok {
			found = append(found, p)
		}
	}
	return agreed(found)
}

// agreed is the one price of several that are the same.
func agreed(all []Price) (Price, bool) {
	for _, p := range all {
		if !same(p, all[0]) {
			return Price{}, false
		}
	}
	if len(all) == 0 {
		return Price{}, false
	}
	return all[0], true
}

func same(a, b Price) bool {
	if a.Input != b.Input || a.Output != b.Output || (a.Cached == nil) != (b.Cached == nil) {
		return false
	}
	return a.Cached == nil || *a.Cached == *b.Cached
}
