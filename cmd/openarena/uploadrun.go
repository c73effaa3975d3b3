package main

import (
	"context"
	"errors"
	"fmt"

	"openarena/configs"
	"openarena/internal/hub"
	"openarena/internal/terminal"
	"openarena/pipeline/doctor"
	"openarena/pipeline/export"
	"openarena/providers"
)

// checkUploads asks the Hub, before the first call, whether the run may end there.
func (w *work) checkUploads(ctx context.Context) error {
	all := w.arena.Config.Uploads()
	if len(all) == 0 {
		return nil
	}
	client, err := w.hub(w.c)
	if err != nil {
		return err
	}
	for _, d := range all {
		head, err := client.Preflight(ctx, hub.Upload{Repo: d.Repo})
		switch {
		case err != nil && ctx.Err() != nil:
			return w.interrupted()
		case hub.Refused(err):
			return &exitError{exitUsage, fmt.Errorf("the upload to %s at the end of this run: %w\nnothing was called yet; without upload: in the file it runs all the same", d.Repo, err)}
		case err != nil:
			w.say(w.c, "warning: whether this run may end in an upload to %s is not known: %v; it begins all the same", d.Repo, err)
		case head != nil && !head.Private:
			w.say(w.c, "%s, which is public", d)
		default:
			w.say(w.c, "%s, which is private", d)
		}
	}
	return nil
}

// uploads puts the exports on the Hub that the file wants there. All others are tried where one fails.
func (w *work) uploads(ctx context.Context) error {
	all := w.arena.Config.Uploads()
	if len(all) == 0 {
		return nil
	}
	client, err := w.hub(w.c)
	if err != nil {
		return err
	}
	snapshot, view, err := w.freeze(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	var failed []error
	for _, d := range all {
		sets, err := complete(setsOf(w.arena.Config, d.Repo))
		if err == nil {
			p := &parcel{environment: w.environment, arena: w.arena, reader: snapshot, view: view, repo: d.Repo, sets: sets, client: client, license: d.License}
			err = w.upload(ctx, p)
		}
		if errors.As(err, new(*export.EmptyError)) {
			w.say(w.c, "%s stays as it was: %v", d.Repo, err)
			continue
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("the upload to %s: %w\nall else is done; go on with: %s", d.Repo, w.refused(ctx, err), w.also("upload", d.Repo)))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

func (w *work) upload(ctx context.Context, p *parcel) error {
	s, err := p.stage(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	done, err := w.sendWith(ctx, w.c, p.client, hub.Upload{Repo: p.repo, Message: uploadMessage, Stage: s.at})
	if err != nil {
		return err
	}
	w.say(w.c, "%s: %s", outcome(done), terminal.SanitizeLine(done.URL))
	return nil
}

// uploads looks whether runs may end where the file says.
func (d *checkup) uploads(ctx context.Context, cfg *configs.Config) (all []doctor.Finding) {
	for _, to := range cfg.Uploads() {
		f := doctor.Finding{Check: "upload", State: doctor.OK, Says: to.String() + ", which may be written to"}
		client, err := d.hub(d.c)
		if err == nil {
			_, err = client.Preflight(ctx, hub.Upload{Repo: to.Repo})
		}
		if err != nil {
			f.State, f.Says, f.Reason = doctor.Failed, fmt.Sprintf("%s: %v", to, err), providers.ReasonConnect
		}
		if hub.Refused(err) {
			f.Reason = reasonFile
		}
		all = append(all, f)
	}
	return all
}
