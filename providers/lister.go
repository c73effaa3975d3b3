package providers

import "context"

// Lister is a Client that can say which models its server has. Few protocols can; ask by assertion.
type Lister interface {
	// Models returns the names as the server spells them, at least one. It gives up after 5 seconds. Its errors are
	// *Error, or ctx's own.
	Models(ctx context.Context) ([]string, error)
}

// Models implements Lister.
func (c *client) Models(ctx context.Context) ([]string, error) {
	names, err := c.models.names(ctx)
	if err == nil && len(names) == 0 {
		return nil, c.line.fail(Error{Class: Refused, Reason: ReasonModel}, "the server has no models")
	}
	return names, err
}
