package hub

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
)

// Head is where a branch of a dataset is.
type Head struct {
	Commit  string
	Private bool
	Files   []string // all of them
}

// datasetName is a name as the Hub takes it: of an owner and of what it owns.
var datasetName = regexp.MustCompile(`^[A-Za-z0-9]([\w.-]{0,94}[A-Za-z0-9_])?/[A-Za-z0-9_]([\w.-]{0,94}[A-Za-z0-9_])?$`)

// CheckName says what is wrong with the name of a dataset that is to be written to; nil if nothing is.
func CheckName(id string) error {
	switch kind, _, _ := strings.Cut(id, "/"); {
	case kind == "models" || kind == "spaces":
		return &Error{Repo: id, What: id + " is none of the Hub's datasets", Advice: "data goes to a dataset: name it as ORG/NAME"}
	case !strings.Contains(id, "/"):
		return &Error{Repo: id, What: id + " does not say who is to own the dataset", Advice: "name it as ORG/NAME: a user or an organisation, and the dataset"}
	case !datasetName.MatchString(id) || strings.Contains(id, "--") || strings.Contains(id, ".."):
		return &Error{Repo: id, What: id + " is no name of a dataset", Advice: "ORG/NAME has letters, digits and single - _ . within, up to 96 of each"}
	}
	return nil
}

// head asks where a branch is; nil if there is no such dataset, or none that is shown.
func (c *Client) head(ctx context.Context, id, revision string) (*Head, error) {
	var info struct {
		SHA      string `json:"sha"`
		Private  bool   `json:"private"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	err := c.exchange(ctx, call{method: http.MethodGet, url: c.dataset(id, "revision", revision), repo: id}, nil, &info)
	var refused *Error
	if errors.As(err, &refused) && refused.Code != "RevisionNotFound" &&
		(refused.Status == http.StatusNotFound || refused.Status == http.StatusUnauthorized && !c.HasToken()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := &Head{Commit: info.SHA, Private: info.Private}
	for _, s := range info.Siblings {
		h.Files = append(h.Files, s.Name)
	}
	return h, nil
}

// dataset is an address of the API about a dataset.
func (c *Client) dataset(id string, parts ...string) string {
	return c.address("api", "datasets") + "/" + escaped(id) + strings.TrimPrefix(c.address(parts...), c.options.Endpoint)
}

// create makes a dataset. That it is there already is fine.
func (c *Client) create(ctx context.Context, id string, private bool) error {
	owner, name, _ := strings.Cut(id, "/")
	asked := map[string]any{"name": name, "organization": owner, "type": "dataset", "visibility": "private"}
	if !private {
		asked["visibility"] = "public"
	}
	// No set is named in the call: a 404 or 401 is about the owner or the token.
	err := c.exchange(ctx, call{method: http.MethodPost, url: c.address("api", "repos", "create")}, asked, nil)
	var refused *Error
	switch {
	case !errors.As(err, &refused):
	case refused.Status == http.StatusConflict:
		return nil
	case refused.Status == http.StatusForbidden:
		refused.Repo, refused.Advice = id, "choose another owner, or a token that may write there: "+c.writeHint()
	}
	return err
}
