package hub

import (
	"cmp"
	"context"
	"errors"
	"net/http"
)

// Preflight asks whether Upload would be let in: it checks the token, and the right to write to a dataset that need not be
// there yet. It changes nothing. The head is nil where the dataset would be made.
func (c *Client) Preflight(ctx context.Context, what Upload) (*Head, error) {
	if err := CheckName(what.Repo); err != nil {
		return nil, err
	}
	account, err := c.WhoAmI(ctx)
	if err != nil {
		return nil, err
	}
	if account.Auth.Token.Role == "read" {
		return nil, c.mayWrite(account, what.Repo, what.PR)
	}
	u := &upload{Upload: what, at: cmp.Or(what.Revision, "main")}
	u.DryRun = true
	head, err := c.ready(ctx, u)
	if err != nil {
		return nil, err
	}
	if head == nil {
		return nil, c.mayWrite(account, what.Repo, what.PR)
	}
	// A dataset that is there knows best: to ask where a file would go takes the right to write it.
	_, err = c.preupload(ctx, u, []File{Bytes("README.md", []byte("#\n"))})
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		err = cmp.Or(c.mayWrite(account, what.Repo, what.PR), err)
	}
	return head, err
}

// Refused reports whether the Hub would say the same again: the token, a right or a name is wrong.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Lasting() || e.Status == 0 && e.cause == nil || e.Status/100 == 2)
}
