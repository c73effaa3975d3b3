package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/hub"
	"openarena/internal/terminal"
)

// send uploads with its progress on the terminal.
func (u *uploading) send(ctx context.Context, client *hub.Client, what hub.Upload) (*hub.Uploaded, error) {
	return u.sendWith(ctx, u.c, client, what)
}

func (e *environment) sendWith(ctx context.Context, c *cli.Context, client *hub.Client, what hub.Upload) (*hub.Uploaded, error) {
	what.Progress = &hub.Progress{}
	if what.DryRun {
		return client.Upload(ctx, what)
	}
	began := time.Now()
	progress := terminal.NewProgress(e.err, terminal.Options{Color: terminal.Color(e.err, c.Bool("no-color")), Quiet: c.Bool("quiet")})
	progress.Start(ctx, func() terminal.Snapshot { return sending(what.Progress, time.Since(began)) })
	defer progress.Stop()
	return client.Upload(ctx, what)
}

// sending is an upload as a terminal shows it, in KiB.
func sending(p *hub.Progress, elapsed time.Duration) terminal.Snapshot {
	bar := func(name string, done, wanted int64) terminal.Stage {
		s := terminal.Stage{Name: name, Done: (done + 1023) >> 10, Wanted: (wanted + 1023) >> 10}
		if seconds := elapsed.Seconds(); seconds > 1 && done > 0 && done < wanted {
			s.Rate = float64(s.Done) / seconds
			s.ETA = time.Duration(float64(s.Wanted-s.Done) / s.Rate * float64(time.Second))
		}
		return s
	}
	all := []terminal.Stage{bar("KiB looked at", min(p.Hashed.Load(), p.ToHash.Load()), p.ToHash.Load())}
	if wanted := p.ToSend.Load(); wanted > 0 {
		all = append(all, bar("KiB sent", p.Sent.Load(), wanted))
	}
	return terminal.Snapshot{Elapsed: elapsed, Stages: all}
}

// outcome is what became of an upload, in a sentence.
func outcome(done *hub.Uploaded) string {
	new := 0
	for _, f := range done.Files {
		if f.State == hub.StateSent || f.State == hub.StateKnown {
			new++
		}
	}
	kind := "public"
	if done.Private {
		kind = "private"
	}
	where := fmt.Sprintf("%s (%s)", done.Repo, kind)
	switch {
	case done.PullRequest != "" && !done.Changed:
		return fmt.Sprintf("%s has this proposal already", where)
	case !done.Changed:
		return fmt.Sprintf("%s is up to date: %s, nothing sent", where, count(len(done.Files), "file"))
	}
	text := fmt.Sprintf("%s: %s, %s changed", where, count(len(done.Files), "file"), terminal.Count(int64(new)))
	if n := len(done.Removed); n > 0 {
		text += fmt.Sprintf(", %s removed", terminal.Count(int64(n)))
	}
	return fmt.Sprintf("%s, %s of large files sent, commit %.12s", text, terminal.Bytes(done.Bytes), done.Commit)
}

var dryColumns = []terminal.Column[hub.Sent]{
	{Title: "file", Flex: true, Show: func(s hub.Sent) string { return s.Path }},
	{Title: "size", Align: terminal.Right, Show: func(s hub.Sent) string { return terminal.Bytes(s.Size) }},
	{Title: "", Show: func(s hub.Sent) string { return dryStates[s.State] }},
}

var dryStates = map[string]string{
	hub.StateSent: "would be sent", hub.StateUnchanged: "is there", hub.StateIgnored: "left out by a .gitignore of the dataset", "removed": "would be removed",
}

// printDry prints what would be sent.
func (u *uploading) printDry(done *hub.Uploaded, asked bool) error {
	t := terminal.Table[hub.Sent]{Columns: dryColumns, Rows: done.Files}
	total := int64(0)
	for _, f := range done.Files {
		if f.State == hub.StateSent {
			total += f.Size
		}
	}
	for _, name := range done.Removed {
		t.Rows = append(t.Rows, hub.Sent{Path: name, State: "removed"})
	}
	if err := t.Text(u.out, terminal.Columns(u.out), u.palette(u.c, u.out)); err != nil {
		return err
	}
	u.say(u.c, "a dry run: at most %s would go to %s; nothing was changed", terminal.Bytes(total), u.destination(done, asked))
	return nil
}

// destination is the dataset and what is known of it; asked: the Hub could be.
func (u *uploading) destination(done *hub.Uploaded, asked bool) string {
	kind := "public"
	if done.Private {
		kind = "private"
	}
	switch {
	case !asked:
		return done.Repo + " (without a token the Hub does not say what it has)"
	case done.Created:
		return fmt.Sprintf("%s, which would be made, %s", done.Repo, kind)
	}
	return fmt.Sprintf("%s, which is %s", done.Repo, kind)
}
