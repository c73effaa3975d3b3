package main

import (
	"context"
	"errors"
	"os"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/store"
)

// mostBad are the bad records that a survey names; what is beyond them is counted only.
const mostBad = 10_000

// survey verifies every record of a database that a run has open, as that run serves it, or that a server keeps. Pages are their
// own matter.
func survey(ctx context.Context, at store.Database) (store.Report, error) {
	report := store.Report{Path: at.String(), Buckets: map[store.Bucket]store.Usage{}}
	db, err := at.OpenReader(ctx)
	if err != nil {
		return report, err
	}
	defer db.Close()
	// No snapshot: records are verified one by one, and one that is held for so long would make the run's file grow.
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		if err := surveyBucket(ctx, db, bk, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

func surveyBucket(ctx context.Context, r store.Reader, bk store.Bucket, report *store.Report) error {
	var all store.Usage
	for rec, err := range r.Scan(ctx, bk, store.Range{}, store.WithBody) {
		var bad *store.RecordError
		switch {
		case errors.As(err, &bad):
			if report.BadCount++; len(report.Bad) < mostBad {
				report.Bad = append(report.Bad, bad)
			}
		case err != nil:
			return err
		default:
			all.Records++
			all.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
		}
	}
	report.Buckets[bk] = all
	return nil
}

// records counts all of a report, good and bad.
func records(r *store.Report) int64 {
	n := r.BadCount
	for _, u := range r.Buckets {
		n += u.Records
	}
	return n
}

// liveStats is what can be said of a database while a run has it open.
type liveStats struct {
	Path    string                       `json:"path"`
	Size    int64                        `json:"size"`
	Buckets map[store.Bucket]store.Usage `json:"buckets"`
	Live    bool                         `json:"live"`
}

func (e *environment) liveStats(c *cli.Context, path store.File) error {
	report, err := survey(e.signals.soft, path)
	if err != nil {
		return err
	}
	info, err := os.Stat(string(path))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), liveStats{Path: string(path), Size: info.Size(), Buckets: report.Buckets, Live: true})
	}
	w := &lines{w: e.out}
	w.print("%s: %s; what of it is free is known when the run has ended", path, terminal.Bytes(info.Size()))
	w.buckets(report.Buckets)
	return w.err
}
