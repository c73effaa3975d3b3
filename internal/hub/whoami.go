package hub

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Account is whom a token stands for.
type Account struct {
	Name string `json:"name"`
	Orgs []struct {
		Name string `json:"name"`
		Role string `json:"roleInOrg"` // read, contributor, write, admin
	} `json:"orgs"`
	Auth struct {
		Token struct {
			Role        string `json:"role"` // read, write, fineGrained
			FineGrained struct {
				Scoped []struct {
					Entity struct {
						Name string `json:"name"` // of a user, an organisation or a dataset
					} `json:"entity"`
					Permissions []string `json:"permissions"`
				} `json:"scoped"`
			} `json:"fineGrained"`
		} `json:"accessToken"`
	} `json:"auth"`
}

// WhoAmI asks whom the token stands for.
func (c *Client) WhoAmI(ctx context.Context) (*Account, error) {
	if !c.HasToken() {
		return nil, &Error{Status: http.StatusUnauthorized, What: "there is no token for the Hub at " + c.endpoint.Host, Advice: c.writeHint()}
	}
	var a Account
	if err := c.exchange(ctx, call{method: http.MethodGet, url: c.address("api", "whoami-v2")}, nil, &a); err != nil {
		return nil, err
	}
	return &a, nil
}

// writeHint says where a token that may write comes from.
func (c *Client) writeHint() string {
	return fmt.Sprintf("make one with the role \"write\" at %s/settings/tokens and set HF_TOKEN to it", c.options.Endpoint)
}

// mayWrite says why an account cannot write to a dataset, by what its token tells of itself; nil if it seems that it can. A
// proposal needs no right in the organisation.
func (c *Client) mayWrite(a *Account, id string, proposal bool) error {
	owner, _, _ := strings.Cut(id, "/")
	token := a.Auth.Token
	refuse := func(advice, format string, args ...any) error {
		return &Error{Status: http.StatusForbidden, Repo: id, What: fmt.Sprintf(format, args...), Advice: advice}
	}
	if token.Role == "read" {
		return refuse(c.writeHint(), "the token of %s may only read", c.words(a.Name))
	}
	if proposal {
		return nil
	}
	if role, member := a.roleIn(owner); !member || role == "read" {
		names := []string{a.Name}
		for _, o := range a.Orgs {
			if o.Role != "read" {
				names = append(names, o.Name)
			}
		}
		return refuse("choose such a name, ask an admin of "+owner+" for the role \"write\", or propose the change with --pr",
			"%s may not write to what %s owns, only to that of %s", c.words(a.Name), owner, c.words(strings.Join(names, ", ")))
	}
	if token.Role == "fineGrained" && !a.scoped(id, owner) {
		return refuse(fmt.Sprintf("give it that right at %s/settings/tokens", c.options.Endpoint),
			"the fine-grained token of %s may not write to %s", c.words(a.Name), id)
	}
	return nil
}

// roleIn is what the account may do with what a user or an organisation owns.
func (a *Account) roleIn(owner string) (role string, member bool) {
	if owner == a.Name {
		return "admin", true
	}
	for _, o := range a.Orgs {
		if o.Name == owner {
			return o.Role, true
		}
	}
	return "", false
}

// scoped reports whether a fine-grained token may write to a dataset, or to all that its owner has.
func (a *Account) scoped(id, owner string) bool {
	for _, s := range a.Auth.Token.FineGrained.Scoped {
		if (s.Entity.Name == id || s.Entity.Name == owner) && slices.Contains(s.Permissions, "repo.write") {
			return true
		}
	}
	return false
}
