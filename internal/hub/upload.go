package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"
)

// Upload is what is to be put on a branch of a dataset, in one commit.
type Upload struct {
	Repo        string // ORG/NAME
	Revision    string // the branch; "": main
	Public      bool   // if the dataset has to be made; else it is private
	PR          bool   // propose the change in place of making it
	DryRun      bool   // make nothing on the Hub
	Message     string // of the commit, in a line
	Description string // of the commit

	// Stage says what the branch is to become. It is asked again when somebody else changed the branch meanwhile; at is nil
	// where there is no dataset yet.
	Stage func(ctx context.Context, at *Head) (Change, error)

	Progress *Progress // nil: nobody looks
}

// Change is what a commit does. Other files of the branch stay.
type Change struct {
	Files  []File
	Remove []string // those that the branch does not have are left out
}

// Progress counts bytes while an upload goes on.
type Progress struct {
	Hashed, ToHash atomic.Int64
	Sent, ToSend   atomic.Int64 // of large files
}

// Uploaded is what came of an upload.
type Uploaded struct {
	Repo        string   `json:"repo"`
	URL         string   `json:"url"`          // of the commit's place: the dataset, its branch, or the pull request
	Commit      string   `json:"commit"`       // where the branch is; "" of a dry run that would make the dataset
	PullRequest string   `json:"pull_request"` // its address; "" where none was asked for
	Private     bool     `json:"private"`
	Created     bool     `json:"created"` // the dataset was made, or would have been
	Changed     bool     `json:"changed"` // there is a new commit, or would have been
	Bytes       int64    `json:"bytes"`   // of large files that were sent
	Files       []Sent   `json:"files"`
	Removed     []string `json:"removed"`
}

// Sent is what became of one file.
type Sent struct {
	Path  string `json:"path"`
	Size  int64  `json:"size"`
	State string `json:"state"` // one of the constants below
}

// States of a file.
const (
	StateUnchanged = "unchanged" // the branch had it
	StateSent      = "sent"      // or would be, in a dry run
	StateKnown     = "known"     // the Hub had its bytes already, and the commit only names them
	StateIgnored   = "ignored"   // a .gitignore of the dataset keeps it out
)

// upload is an Upload under way.
type upload struct {
	Upload
	at     string // the branch
	slots  chan struct{}
	result Uploaded
}

const (
	tries = 4 // to make the commit
	// together is how many requests send data at the same time.
	together = 4
)

// Upload makes the dataset if it is not there, sends what the Hub does not have, and makes one commit, or none if nothing
// would change. It may be repeated after any failure: what arrived is not sent again, and a commit whose answer was lost is
// not made twice.
func (c *Client) Upload(ctx context.Context, what Upload) (*Uploaded, error) {
	if err := CheckName(what.Repo); err != nil {
		return nil, err
	}
	if what.Progress == nil {
		what.Progress = &Progress{}
	}
	u := &upload{Upload: what, at: cmp.Or(what.Revision, "main"), slots: make(chan struct{}, together)}
	u.result.Repo = u.Repo
	lost := false // the answer to a commit
	for n := 1; ; n++ {
		before := u.result
		err := c.once(ctx, u)
		if err == nil {
			if lost && !u.result.Changed {
				u.result.Changed, u.result.Files, u.result.Removed = true, before.Files, before.Removed
			}
			return &u.result, nil
		}
		var doubt unsureError
		if !errors.As(err, &doubt) || n == tries {
			return nil, err
		}
		lost = lost || doubt.lost
		if err := c.wait(ctx, time.Second<<(n-1)); err != nil {
			return nil, err
		}
	}
}

// unsureError: whether there is a commit is to be looked up before another is made.
type unsureError struct {
	error
	lost bool // it may be ours; else it is somebody else's
}

func (e unsureError) Unwrap() error { return e.error }

// once looks where the branch is and brings it to where it should be.
func (c *Client) once(ctx context.Context, u *upload) error {
	head, err := c.ready(ctx, u)
	if err != nil {
		return err
	}
	change, err := u.stage(ctx, head)
	if err != nil {
		return err
	}
	if head == nil || u.DryRun && !c.HasToken() {
		return u.dry(head, change)
	}
	all, err := c.preupload(ctx, u, change.Files)
	if err != nil {
		return err
	}
	u.Progress.Hashed.Store(u.Progress.ToHash.Load()) // what is small was not hashed
	u.result.Commit, u.result.Private, u.result.URL = head.Commit, head.Private, c.place(u)
	open := u.report(all, change.Remove)
	if u.DryRun || !u.result.Changed {
		return nil
	}
	if u.PR {
		if done, err := c.proposed(ctx, u, change.Files); done || err != nil {
			return err
		}
	}
	if err := c.sendObjects(ctx, u, open); err != nil {
		return err
	}
	return c.commit(ctx, u, head, open)
}

// ready is the head of the branch, of a dataset that is made if need be; nil where a dry run must not make it.
func (c *Client) ready(ctx context.Context, u *upload) (*Head, error) {
	head, err := c.head(ctx, u.Repo, u.at)
	if head != nil || err != nil {
		return head, err
	}
	if u.PR || u.at != "main" {
		return nil, &Error{Status: http.StatusNotFound, Repo: u.Repo, What: fmt.Sprintf("the Hub has no dataset %s, or your token may not see it", u.Repo),
			Advice: "upload to main, without --pr, to make it"}
	}
	u.result.Created, u.result.Private, u.result.URL = true, !u.Public, c.Page(u.Repo)
	if u.DryRun {
		return nil, nil
	}
	if err := c.create(ctx, u.Repo, !u.Public); err != nil {
		return nil, err
	}
	if head, err = c.head(ctx, u.Repo, u.at); head == nil && err == nil {
		err = &Error{Repo: u.Repo, What: fmt.Sprintf("the Hub has %s and does not show it to your token", u.Repo),
			Advice: "a fine-grained token needs the right to read it, too"}
	}
	return head, err
}

// stage asks what is wanted and checks it.
func (u *upload) stage(ctx context.Context, head *Head) (Change, error) {
	change, err := u.Stage(ctx, head)
	if err != nil {
		return change, err
	}
	taken := map[string]bool{}
	total := int64(0)
	for _, f := range change.Files {
		if err := f.check(); err != nil {
			return change, err
		}
		if taken[f.Path] {
			return change, fmt.Errorf("%s is there twice", f.Path)
		}
		taken[f.Path] = true
		total += f.Size
	}
	u.Progress.ToHash.Store(total)
	u.Progress.Hashed.Store(0)
	change.Remove = slices.DeleteFunc(slices.Clone(change.Remove), func(name string) bool {
		return head == nil || taken[name] || !slices.Contains(head.Files, name)
	})
	return change, nil
}

// dry is what would be sent where the Hub cannot be asked what it has.
func (u *upload) dry(head *Head, change Change) error {
	all := make([]planned, len(change.Files))
	for i, f := range change.Files {
		all[i].File = f
	}
	if head != nil {
		u.result.Commit, u.result.Private = head.Commit, head.Private
	}
	u.report(all, change.Remove)
	return nil
}

// report notes what is to become of the files, and returns those that the commit has to name.
func (u *upload) report(all []planned, remove []string) (open []planned) {
	u.result.Files, u.result.Removed = []Sent{}, append([]string{}, remove...)
	for _, p := range all {
		s := Sent{Path: p.Path, Size: p.Size, State: StateSent}
		switch {
		case p.ignored:
			s.State = StateIgnored
		case p.there:
			s.State = StateUnchanged
		default:
			open = append(open, p)
		}
		u.result.Files = append(u.result.Files, s)
	}
	u.result.Changed = len(open)+len(remove) > 0
	return open
}

// mark notes what became of the files of an object.
func (u *upload) mark(state string, all []planned, oid string) {
	for _, p := range all {
		if !p.large || p.oid != oid {
			continue
		}
		for i := range u.result.Files {
			if u.result.Files[i].Path == p.Path {
				u.result.Files[i].State = state
			}
		}
	}
}

func (u *upload) hashed(n int64) { u.Progress.Hashed.Add(n) }
func (u *upload) sent(n int64)   { u.Progress.Sent.Add(n) }

// query is what an address of the API has behind it.
func (u *upload) query() string {
	if u.PR {
		return "?create_pr=1"
	}
	return ""
}

// place is the page of a branch.
func (c *Client) place(u *upload) string {
	if u.at == "main" {
		return c.Page(u.Repo)
	}
	return c.Page(u.Repo) + "/tree/" + url.PathEscape(u.at)
}

// writing words what it means that a call which would change something is refused.
func (c *Client) writing(err error, id string) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		refused.Advice = fmt.Sprintf("your token may not write to %s: %s, or propose the change with --pr", id, c.writeHint())
	}
	return err
}
