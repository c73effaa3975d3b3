package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/doctor"
	"openarena/providers"
)

const doctorDescription = `It connects to every endpoint of the arena, at once, asks it for its models and has each model answer one short
question; a judge is asked for structured output. It says how many calls that takes before it makes them, and what they
took. Disk, open files, database and clock follow. Nothing is written. --no-calls has no model answer: it costs nothing.

A warning keeps no run from working, and the exit code stays 0. Else it is that of the worst failure: 1 a server does not
answer, or not well.`

func doctorCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "check the file, the endpoints, their models, disk and database",
		Description: withCodes(doctorDescription, exitUsage, exitRefused, exitDamaged, exitNewer, exitUnwritable, exitInterrupted),
		Flags:       flags(jsonFlag(), toggle("no-calls", "connect and list models, but have no model answer")),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			d := &checkup{environment: e, c: c, Findings: []doctor.Finding{}, Found: []foundService{}, SchemaVersion: 1}
			return d.do(e.signals.soft)
		},
	}
}

// checkup is a visit to the doctor, as `doctor --json` prints it.
type checkup struct {
	*environment `json:"-"`
	c            *cli.Context

	SchemaVersion int              `json:"schema_version"`
	OK            bool             `json:"ok"`    // no failure; there may be warnings
	Calls         int              `json:"calls"` // answers that models were asked for
	Tokens        pipeline.Tokens  `json:"tokens"`
	Findings      []doctor.Finding `json:"findings"`
	Found         []foundService   `json:"found"` // servers on this machine that the file does not name

	code      int            // the worst of what was found
	nearest   *time.Duration // the clock of a server that is nearest to ours; nil: none told the time
	nearestOf string
}

// foundService is a model server on this machine.
type foundService struct {
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Models []string `json:"models"`
}

func (d *checkup) do(ctx context.Context) error {
	found := make(chan []service, 1)
	go func() { found <- discoverHere(ctx) }()
	a, err := d.file()
	if err != nil {
		return err
	}
	var patients []doctor.Endpoint
	if a != nil {
		patients = a.Patients()
	}
	for i, r := range d.examine(ctx, patients) {
		report := <-r
		if err := d.show(heading(patients[i]), d.judged(report.Findings)); err != nil {
			return err
		}
		d.Calls += report.Calls
		d.Tokens.Input += report.Usage.Input
		d.Tokens.Output += report.Usage.Output
		d.clock(report)
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	if err := d.machine(ctx, a); err != nil {
		return err
	}
	d.others(patients, <-found)
	return d.conclude()
}

// file checks the file; nil if nothing can be made of it.
func (d *checkup) file() (*pipeline.Arena, error) {
	cfg, err := d.config(d.c)
	if err != nil {
		return nil, d.unusable(err)
	}
	var all []doctor.Finding
	for _, w := range cfg.Warnings {
		all = append(all, doctor.Finding{Check: "file", State: doctor.Warning, Says: placed(w)})
	}
	a, err := newArena(cfg, pipeline.Trial{})
	if err != nil {
		return nil, d.unusable(err)
	}
	for _, w := range a.Warnings() {
		all = append(all, doctor.Finding{Check: "file", State: doctor.Warning, Says: w})
	}
	all = append([]doctor.Finding{{Check: "file", State: doctor.OK, Says: fmt.Sprintf("models: %d, judges: %d, datasets: %d",
		len(cfg.Models), len(cfg.Judges), len(cfg.Datasets))}}, all...)
	return a, d.show(cfg.Path, d.judged(all))
}

// placed is a problem with its place, without the line of the file that String adds.
func placed(p configs.Problem) string {
	if p.Line == 0 {
		return p.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.What)
}

// reasonFile marks a failure that is the file's.
const reasonFile = "file"

// unusable puts down what is wrong with the file.
func (d *checkup) unusable(err error) error {
	var all []doctor.Finding
	var problems configs.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			all = append(all, doctor.Finding{Check: "file", State: doctor.Failed, Says: placed(p), Reason: reasonFile})
		}
	} else {
		all = []doctor.Finding{{Check: "file", State: doctor.Failed, Says: err.Error(), Reason: reasonFile}}
	}
	return d.show("arena", d.judged(all))
}

// examine looks at all endpoints at once. The reports come in the order of the file.
func (d *checkup) examine(ctx context.Context, patients []doctor.Endpoint) (reports []chan doctor.Report) {
	o := doctor.Options{NoCalls: d.c.Bool("no-calls")}
	calls := 0
	for _, p := range patients {
		calls += p.Calls()
		r := make(chan doctor.Report, 1)
		reports = append(reports, r)
		go func() { r <- doctor.Examine(ctx, p, o) }()
	}
	if len(patients) > 0 && o.NoCalls {
		d.say(d.c, "looking at %s; no model is asked", count(len(patients), "endpoint"))
	} else if len(patients) > 0 {
		d.say(d.c, "looking at %s with %s of a few tokens, more where a server does not know a setting; --no-calls makes none",
			count(len(patients), "endpoint"), count(calls, "call"))
	}
	return reports
}

// heading is an endpoint's name and place. What else is in its address may be a secret.
func heading(e doctor.Endpoint) string { return e.Name + " · " + providers.Place(e.URL) }

// judged notes findings and what they do to the exit code.
func (d *checkup) judged(all []doctor.Finding) []doctor.Finding {
	for _, f := range all {
		if f.State == doctor.Failed {
			d.code = worse(d.code, codeOf(f.Reason))
		}
	}
	d.Findings = append(d.Findings, all...)
	return all
}

// codeOf is the exit code that a failure stands for.
func codeOf(reason string) int {
	switch reason {
	case reasonFile, providers.ReasonDNS, providers.ReasonTLS:
		return exitUsage
	case providers.ReasonBadKey, providers.ReasonModel, providers.ReasonQuota:
		return exitRefused
	case reasonDamaged:
		return exitDamaged
	case reasonNewer:
		return exitNewer
	case reasonUnwritable:
		return exitUnwritable
	}
	return exitFailure
}

// severity orders codes, the worst first.
var severity = []int{exitUnwritable, exitDamaged, exitNewer, exitUsage, exitRefused, exitFailure}

func worse(a, b int) int {
	for _, code := range severity {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}

// skewed is from when on a wrong clock matters: servers say by it when to come back.
const skewed = time.Minute

// clock notes how far a server's clock is from ours.
func (d *checkup) clock(r doctor.Report) {
	if r.Skew == nil || len(r.Findings) == 0 {
		return
	}
	if d.nearest == nil || r.Skew.Abs() < d.nearest.Abs() {
		d.nearest, d.nearestOf = r.Skew, r.Findings[0].Endpoint
	}
}

// others tells of servers on this machine that the file does not name.
func (d *checkup) others(patients []doctor.Endpoint, found []service) {
	named := map[string]bool{}
	for _, p := range patients {
		named[providers.Place(p.URL)] = true
	}
	for _, s := range found {
		if !named[providers.Place(s.URL)] {
			d.Found = append(d.Found, foundService{s.Name, s.URL, s.Models})
		}
	}
}

// conclude prints what is left to say.
func (d *checkup) conclude() error {
	d.OK = d.code == exitOK
	if d.c.Bool("json") {
		if err := printJSON(d.data(), d); err != nil {
			return err
		}
		return d.verdict(nil)
	}
	for _, s := range d.Found {
		d.say(d.c, "also on this machine: %s at %s, with %s", s.Name, s.URL, count(len(s.Models), "model"))
	}
	if d.Calls > 0 {
		d.say(d.c, "%s made: %s tokens in, %s out", count(d.Calls, "call"), terminal.Count(d.Tokens.Input), terminal.Count(d.Tokens.Output))
	}
	n := map[doctor.State]int{}
	for _, f := range d.Findings {
		n[f.State]++
	}
	switch {
	case n[doctor.Failed] > 0:
		return d.verdict(fmt.Errorf("%s, %s", count(n[doctor.Failed], "failure"), count(n[doctor.Warning], "warning")))
	case n[doctor.Warning] > 0:
		d.say(d.c, "%s, no failure", count(n[doctor.Warning], "warning"))
	default:
		d.say(d.c, "all is well")
	}
	return nil
}

func (d *checkup) verdict(err error) error {
	if d.code == exitOK {
		return nil
	}
	return &exitError{d.code, err}
}
