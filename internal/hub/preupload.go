package hub

import (
	"context"
	"net/http"
)

// batch is how many files the Hub takes in one question.
const batch = 256

// planned is a file and what is to become of it.
type planned struct {
	File
	large   bool   // goes to Large File Storage, else into the commit
	ignored bool   // by a .gitignore of the dataset
	there   bool   // the branch has these very bytes
	oid     string // SHA-256 of a large one, git's name of another
}

// preupload asks which files are large and which the branch has already; those that it may have are hashed.
func (c *Client) preupload(ctx context.Context, u *upload, files []File) ([]planned, error) {
	all := make([]planned, 0, len(files))
	for from := 0; from < len(files); from += batch {
		some, err := c.preuploadSome(ctx, u, files[from:min(from+batch, len(files))])
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (c *Client) preuploadSome(ctx context.Context, u *upload, files []File) ([]planned, error) {
	type asked struct {
		Path   string `json:"path"`
		Sample []byte `json:"sample"`
		Size   int64  `json:"size"`
	}
	var question struct {
		Files []asked `json:"files"`
	}
	for _, f := range files {
		sample, err := f.sample()
		if err != nil {
			return nil, err
		}
		question.Files = append(question.Files, asked{f.Path, sample, f.Size})
	}
	var answer struct {
		Files []struct {
			Path   string `json:"path"`
			Mode   string `json:"uploadMode"`
			Ignore bool   `json:"shouldIgnore"`
			OID    string `json:"oid"`
		} `json:"files"`
	}
	q := call{method: http.MethodPost, url: c.dataset(u.Repo, "preupload", u.at) + u.query(), repo: u.Repo}
	if err := c.exchange(ctx, q, question, &answer); err != nil {
		return nil, c.writing(err, u.Repo)
	}
	told := map[string]int{}
	for i, f := range answer.Files {
		told[f.Path] = i
	}
	all := make([]planned, 0, len(files))
	for _, f := range files {
		i, ok := told[f.Path]
		if !ok {
			return nil, &Error{Repo: u.Repo, What: "the Hub does not say what is to become of " + f.Path}
		}
		// Large File Storage knows no empty file.
		p := planned{File: f, large: answer.Files[i].Mode == "lfs" && f.Size > 0, ignored: answer.Files[i].Ignore}
		if err := p.compare(ctx, u, answer.Files[i].OID); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// compare hashes a file where that is needed, and says whether it is what the branch has under its name.
func (p *planned) compare(ctx context.Context, u *upload, remote string) (err error) {
	switch {
	case p.ignored, !p.large && remote == "":
		return nil
	case p.large:
		p.oid, err = p.sha256(ctx, u.hashed)
	default:
		p.oid, err = p.blob(ctx)
	}
	p.there = p.oid == remote
	return err
}
