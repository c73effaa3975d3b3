package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/hub"
	"openarena/pipeline"
)

const uploadDescription = `It exports the arena as parquet, writes a page (README.md) with statistics, leaderboard and charts, and puts all of it
on the Hub in one commit. The dataset is made private if it is not there. What the Hub has is not sent again, so that
the same command goes on after any failure. What people wrote on the page stays. The token is HF_TOKEN, or that of
` + "`hf auth login`" + `.

What is exported say the entries of export: with upload: ORG/NAME, else --type; battles and leaderboard come along.
--folder puts the files of a folder there as they are.

  openarena upload ORG/NAME --dry-run
  openarena upload ORG/NAME --type preference --license cc-by-4.0`

func uploadCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "upload", Usage: "put an export on the Hugging Face Hub, with a card", ArgsUsage: "ORG/NAME",
		Description: withCodes(uploadDescription, exitUsage, exitNoDatabase, exitDamaged, exitNewer, exitUnwritable, exitInterrupted),
		Flags: flags(slices.Concat(setFlags(), []cli.Flag{
			&cli.StringFlag{Name: "folder", Usage: "put the files of `DIR` there, in place of an export"},
			&cli.StringFlag{Name: "license", Usage: "state the license of the dataset by its `ID`, such as cc-by-4.0; it is yours to choose"},
			&cli.StringSliceFlag{Name: "language", Usage: "language of the texts by its `CODE`, such as en; may be repeated"},
			toggle("public", "make the dataset public, if it has to be made"),
			toggle("pr", "propose the change as a pull request"),
			toggle("dry-run", "show what would be sent, and change nothing on the Hub"),
			&cli.StringFlag{Name: "revision", Usage: "put it on `BRANCH`", Value: "main"},
			&cli.StringFlag{Name: "message", Usage: "`TITLE` of the commit"},
			jsonFlag(),
		})...),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("name one dataset, as ORG/NAME; `openarena upload --help` has examples")
			}
			if err := checkUpload(c); err != nil {
				return err
			}
			u := &uploading{environment: e, c: c, repo: datasetOf(c.Args().First())}
			return u.do(e.signals.soft)
		},
	}
}

// uploadMessage is the title of a commit that nobody gave one.
const uploadMessage = "Upload by openarena"

// datasetOf is the name of a dataset, which may be given by its address.
func datasetOf(name string) string {
	if _, path, ok := strings.Cut(name, "://"); ok {
		if _, name, ok = strings.Cut(path, "/"); !ok {
			return path
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "datasets/"), "/")
}

var languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// checkUpload finds what does not go together before anything is read.
func checkUpload(c *cli.Context) error {
	if c.IsSet("license") && !configs.LicenseID.MatchString(c.String("license")) {
		return usage("--license %s: give an identifier of the Hub's, such as cc-by-4.0, apache-2.0, or other", c.String("license"))
	}
	for _, code := range c.StringSlice("language") {
		if !languageCode.MatchString(code) {
			return usage("--language %s: give a code, such as en", code)
		}
	}
	if c.String("revision") == "" {
		return usage("--revision names no branch: leave it out for main")
	}
	if !c.IsSet("folder") {
		return nil
	}
	wrong := setFlagOf(c)
	for _, name := range []string{"license", "language"} {
		if c.IsSet(name) {
			wrong = name
		}
	}
	if wrong != "" {
		return usage("--folder puts files there as they are: --%s does not go with it", wrong)
	}
	return nil
}

// uploading is one upload.
type uploading struct {
	*environment
	c    *cli.Context
	repo string
}

func (u *uploading) do(ctx context.Context) error {
	client, err := u.hub(u.c)
	if err != nil {
		return err
	}
	what := hub.Upload{
		Repo: u.repo, Revision: u.c.String("revision"), Public: u.c.Bool("public"), PR: u.c.Bool("pr"), DryRun: u.c.Bool("dry-run"),
		Message: u.c.String("message"),
	}
	if what.Message == "" {
		what.Message = uploadMessage
	}
	if !what.DryRun || client.HasToken() { // before the work of exporting
		if _, err := client.Preflight(ctx, what); err != nil {
			return u.refused(ctx, err)
		}
	}
	stage, err := u.staging(ctx, client)
	if err != nil {
		return err
	}
	defer stage.close()
	what.Stage = stage.at
	done, err := u.send(ctx, client, what)
	if err != nil {
		return u.refused(ctx, err)
	}
	return u.tell(done, client.HasToken())
}

// staging prepares the files: those of a folder, or an export.
func (u *uploading) staging(ctx context.Context, client *hub.Client) (*staged, error) {
	if dir := u.c.String("folder"); dir != "" {
		return u.folder(dir)
	}
	a, err := u.arena(u.c, pipeline.Trial{})
	if err != nil {
		return nil, err
	}
	sets, err := u.sets(a)
	if err != nil {
		return nil, err
	}
	r, view, err := u.view(ctx, a)
	if err != nil {
		return nil, err
	}
	defer r.close()
	p := &parcel{environment: u.environment, arena: a, reader: r.reader, view: view, repo: u.repo, sets: sets, client: client}
	p.license, p.languages = u.stated(a.Config)
	return p.stage(ctx)
}

// stated are the license and the languages that the owner states.
func (u *uploading) stated(cfg *configs.Config) (license string, languages []string) {
	for _, to := range cfg.Uploads() {
		if to.Repo == u.repo {
			license = to.License
		}
	}
	return cmp.Or(u.c.String("license"), license), u.c.StringSlice("language")
}

// refused gives what the Hub says its exit code: a name, a token or a right is the caller's to mend.
func (e *environment) refused(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, fmt.Errorf("interrupted; nothing is half on the Hub, and what arrived is not sent again. Go on with: %s", typed(os.Args...))}
	case hub.Refused(err):
		return &exitError{exitUsage, err}
	}
	return unwritable(err)
}

// tell prints what became of it: the address on stdout, the rest for people. asked: the Hub could be.
func (u *uploading) tell(done *hub.Uploaded, asked bool) error {
	if u.c.Bool("json") {
		return printJSON(u.data(), done)
	}
	if u.c.Bool("dry-run") {
		return u.printDry(done, asked)
	}
	u.say(u.c, "%s", outcome(done))
	_, err := io.WriteString(u.data(), done.URL+"\n")
	return err
}
