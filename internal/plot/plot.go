// Package plot draws ratings as a picture that people can judge at a glance: a row per model, a point, and a whisker for
// its interval. It is a pure function of what it is handed: the same chart, the same bytes, on every machine.
package plot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Chart is a picture of ratings. All its texts may hold anything: they are made safe.
type Chart struct {
	Title    string
	Subtitle string // what the ratings are and what the whiskers rest on
	Panels   []Panel
}

// Panel is one list of models. All panels of a chart share one scale.
type Panel struct {
	Name string // its heading; one panel alone needs none
	Note string // behind the name, such as what it rests on
	Rows []Row  // best first
}

// Row is one model. Ratings and bounds are in points.
type Row struct {
	Name         string
	Rating       *float64 // nil: without battles
	Lower, Upper *float64 // nil: no interval
	Component    int      // models that never met have different ones: rows of one component stand together, under a heading
	Provisional  bool     // drawn hollow, and its number behind ~
}

// Ratings draws a chart as one SVG document that needs no other file. Numbers that are not finite are an error, and
// then nothing is written.
func Ratings(w io.Writer, c Chart) error {
	if err := c.check(); err != nil {
		return err
	}
	var b bytes.Buffer
	draw(&b, c)
	_, err := w.Write(b.Bytes())
	return err
}

func (c Chart) check() error {
	for _, p := range c.Panels {
		for _, r := range p.Rows {
			for _, x := range []*float64{r.Rating, r.Lower, r.Upper} {
				if x != nil && (math.IsNaN(*x) || math.Abs(*x) > most) {
					return fmt.Errorf("plot: %s has %v among its rating and bounds: must be numbers from %g to %g", r.Name, *x, -most, most)
				}
			}
			if (r.Lower == nil) != (r.Upper == nil) {
				return errors.New("plot: " + r.Name + " has one bound only: give both or none")
			}
		}
	}
	return nil
}

// most is the largest number that is drawn.
const most = 1e12

// section is rows that compare.
type section struct {
	heading string
	rows    []Row
}

// sections are the rows of a panel by component, in the order in which components turn up. Headings are needed where there is
// more than one.
func (p Panel) sections() []section {
	var of []section
	var silent []Row
	at := map[int]int{}
	for _, r := range p.Rows {
		if r.Rating == nil {
			silent = append(silent, r)
			continue
		}
		k, met := at[r.Component]
		if !met {
			k = len(of)
			at[r.Component] = k
			of = append(of, section{heading: fmt.Sprintf("Group %d", r.Component+1)})
		}
		of[k].rows = append(of[k].rows, r)
	}
	if len(of) > 1 {
		if len(silent) > 0 {
			of = append(of, section{"Without battles", silent})
		}
		return of
	}
	if len(of) == 0 {
		return []section{{"", silent}}
	}
	return []section{{"", append(of[0].rows, silent...)}}
}

// provisional reports whether a model of the chart is.
func (c Chart) provisional() bool {
	return slices.ContainsFunc(c.Panels, func(p Panel) bool {
		return slices.ContainsFunc(p.Rows, func(r Row) bool { return r.Rating != nil && r.Provisional })
	})
}

// apart reports whether models of one panel never met.
func (c Chart) apart() bool {
	return slices.ContainsFunc(c.Panels, func(p Panel) bool { return len(p.sections()) > 1 })
}
