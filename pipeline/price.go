package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"openarena/configs"
	"openarena/internal/prices"
)

// PriceFile is the name, beside the arena's file, of the prices that were imported.
const PriceFile = "prices.json"

// largestPriceFile is far more than any list of models takes.
const largestPriceFile = 64 << 20

// tariff is where prices come from that the file does not say: what was imported, then the built-in table.
type tariff []priceList

type priceList struct {
	name string
	book *prices.Book
}

// readTariff reads what there is beside the arena's file.
func readTariff(c *configs.Config) (t tariff, err error) {
	path := filepath.Join(c.Dir, PriceFile)
	info, err := os.Stat(path)
	if err == nil || c.Texts != nil {
		var b *prices.Book
		if b, err = readPrices(c, info); err == nil {
			t = append(t, priceList{fmt.Sprintf("%s (%s, %s)", PriceFile, b.Source, b.Date), b})
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return append(t, priceList{"built-in table of " + prices.Common().Date, prices.Common()}), nil
}

func readPrices(c *configs.Config, info fs.FileInfo) (*prices.Book, error) {
	if c.Texts == nil && (!info.Mode().IsRegular() || info.Size() > largestPriceFile) { // a pipe would have us wait
		return nil, errors.New("it is no regular file of up to 64 MiB")
	}
	data, err := c.ReadFile(PriceFile)
	if err != nil {
		return nil, err
	}
	return prices.Read(data)
}

// of is what a model costs, and who says so; nil: nobody knows.
func (t tariff) of(m configs.Model) (*configs.Price, string) {
	if m.Price != nil {
		return m.Price, "the file"
	}
	u, err := url.Parse(m.Endpoint.URL)
	if err != nil || m.Answers != nil {
		return nil, ""
	}
	for _, from := range t {
		if p, ok := from.book.Lookup(u.Host, m.ModelID); ok {
			return &configs.Price{Input: p.Input, Output: p.Output, Cached: p.Cached}, from.name
		}
	}
	return nil, ""
}

// anywhere is what a model costs whose endpoint nobody knows any more.
func (t tariff) anywhere(modelID string) *configs.Price {
	for _, from := range t {
		if p, ok := from.book.Anywhere(modelID); ok {
			return &configs.Price{Input: p.Input, Output: p.Output, Cached: p.Cached}
		}
	}
	return nil
}

// priced is the configuration with a price beside each model that one is known of. Identities know nothing of prices.
func (t tariff) priced(c *configs.Config) *configs.Config {
	full := *c
	full.Models, full.Judges = slices.Clone(c.Models), slices.Clone(c.Judges)
	for i := range full.Models {
		full.Models[i].Price, _ = t.of(full.Models[i])
	}
	for i := range full.Judges {
		full.Judges[i].Price, _ = t.of(full.Judges[i].Model)
	}
	return &full
}

// PriceLine is what one model or judge costs, in US dollars per million tokens.
type PriceLine struct {
	Model    string   `json:"model"`
	Judge    bool     `json:"judge"`
	Endpoint string   `json:"endpoint"`
	ModelID  string   `json:"model_id"`
	Input    *float64 `json:"input"` // null: unknown, as are the others
	Cached   *float64 `json:"cached"`
	Output   *float64 `json:"output"`
	From     string   `json:"from"` // who says so; empty: nobody
}

// Prices are what the models of the file cost that are called, contestants before judges.
func (a *Arena) Prices() (lines []PriceLine) {
	add := func(m configs.Model, judge bool) {
		line := PriceLine{Model: m.Name, Judge: judge, Endpoint: m.Endpoint.Name, ModelID: m.ModelID}
		var p *configs.Price
		if p, line.From = a.tariff.of(m); p != nil {
			line.Input, line.Output, line.Cached = &p.Input, &p.Output, p.Cached
			if p.Cached == nil {
				line.Cached = &p.Input
			}
		}
		lines = append(lines, line)
	}
	for _, m := range a.file.Models {
		if m.Answers == nil {
			add(m, false)
		}
	}
	for _, j := range a.file.Judges {
		add(j.Model, true)
	}
	return lines
}
