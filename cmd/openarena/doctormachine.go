package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/doctor"
	"openarena/providers"
	"openarena/store"
)

// Failures of the machine that have exit codes of their own.
const (
	reasonDamaged    = "damaged"
	reasonNewer      = "newer"
	reasonUnwritable = "unwritable"
)

// machine looks at what a run needs beside its servers.
func (d *checkup) machine(ctx context.Context, a *pipeline.Arena) error {
	var all []doctor.Finding
	if a != nil {
		all = append(all, keeps(ctx, a)...)
		all = append(all, openFiles(a.Config))
	}
	if f := d.clocked(); f != nil {
		all = append(all, *f)
	}
	if len(all) > 0 {
		if err := d.show("this machine", d.judged(all)); err != nil {
			return err
		}
	}
	if a == nil || len(a.Config.Uploads()) == 0 {
		return nil
	}
	return d.show("the Hugging Face Hub", d.judged(d.uploads(ctx, a.Config)))
}

// keeps looks at what keeps the records.
func keeps(ctx context.Context, a *pipeline.Arena) []doctor.Finding {
	if path := a.Config.StorePath(); path != "" {
		return append([]doctor.Finding{database(ctx, path), disk(filepath.Dir(path))}, fileSystemFinding(path)...)
	}
	return serverFindings(ctx, a.Database)
}

// database opens the database for reading and looks no further: `db check` reads all of it.
func database(ctx context.Context, path string) doctor.Finding {
	f := doctor.Finding{Check: "database", State: doctor.OK}
	db, err := store.OpenReader(ctx, path)
	if err == nil {
		defer db.Close()
		if f.Says = path + " can be read"; db.Live() {
			f.Says = path + " is in use by a process that answers: `status` follows it, a second run would have to wait"
		}
		if info, err := os.Stat(path); err == nil {
			f.Says += ", " + terminal.Bytes(info.Size())
		}
		return f
	}
	f.State, f.Says = doctor.Failed, err.Error()
	switch {
	case errors.Is(err, store.ErrNoDatabase):
		f.State, f.Says = doctor.OK, path+" is not there yet: the first run makes it"
	case errors.Is(err, store.ErrLocked):
		f.State, f.Todo = doctor.Warning, "wait for it, or end it: a run needs the database for itself"
	case errors.Is(err, store.ErrNewer):
		f.Reason = reasonNewer
	case errors.Is(err, store.ErrDamaged):
		f.Reason = reasonDamaged
	}
	return f
}

// What is little room for a database, in bytes.
const (
	noRoom     = 64 << 20
	littleRoom = 1 << 30
)

// disk looks at the folder that the database is in, or will be.
func disk(dir string) doctor.Finding {
	f := doctor.Finding{Check: "disk", State: doctor.OK}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		f.State, f.Says, f.Reason = doctor.Failed, "there is no folder "+dir, reasonFile
		f.Todo = "make it, or correct store.path"
		return f
	}
	if !mayWrite(dir) {
		f.State, f.Says, f.Reason = doctor.Failed, dir+" cannot be written to", reasonUnwritable
		f.Todo = "change its permissions, or store.path"
		return f
	}
	free, err := freeBytes(dir)
	if err != nil {
		f.State, f.Says = doctor.Skipped, "how much room there is cannot be told here"
		return f
	}
	f.Says = terminal.Bytes(int64(free)) + " free at " + dir
	switch {
	case free < noRoom:
		f.State, f.Reason, f.Todo = doctor.Failed, reasonUnwritable, "free some: a run ends when the disk is full"
	case free < littleRoom:
		f.State, f.Todo = doctor.Warning, "an answer and its judgments take some KiB: `openarena plan` says how many there will be"
	}
	return f
}

// filesBeside is what a run opens beside a connection for each call.
const filesBeside = 64

// openFiles compares the calls at once that the file states with the files that this process may open.
func openFiles(cfg *configs.Config) doctor.Finding {
	f := doctor.Finding{Check: "open files", State: doctor.OK}
	limit := providers.OpenFiles()
	if limit == 0 {
		f.Says = "no limit that matters"
		return f
	}
	stated := 0
	seen := map[string]bool{}
	for _, m := range cfg.Models {
		stated += statedAt(m.Endpoint, seen)
	}
	for _, j := range cfg.Judges {
		stated += statedAt(j.Endpoint, seen)
	}
	f.Says = fmt.Sprintf("%s at once", terminal.Count(int64(limit)))
	if stated+filesBeside > limit {
		f.State = doctor.Warning
		f.Says += fmt.Sprintf(", for %s calls at once that the file states", terminal.Count(int64(stated)))
		f.Todo = fmt.Sprintf("say ulimit -n %d before a run: else it makes fewer calls at once", stated+filesBeside)
	}
	return f
}

func statedAt(e configs.Endpoint, seen map[string]bool) int {
	key := e.URL + "\x00" + e.APIKey.Reveal()
	if seen[key] {
		return 0
	}
	seen[key] = true
	return e.Concurrency
}

// clocked compares this machine's clock with that of the server that is nearest to it; nil if none told the time.
func (d *checkup) clocked() *doctor.Finding {
	if d.nearest == nil {
		return nil
	}
	f := &doctor.Finding{Check: "clock", State: doctor.OK, Says: "agrees with that of " + d.nearestOf}
	if off := d.nearest.Abs(); off >= skewed {
		side := "behind"
		if *d.nearest < 0 {
			side = "ahead of"
		}
		f.State = doctor.Warning
		f.Says = fmt.Sprintf("%v %s that of %s", off.Round(time.Second), side, d.nearestOf)
		f.Todo = "set it: servers say by the clock when to come back"
	}
	return f
}
