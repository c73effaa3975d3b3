package providers

import (
	"context"
	"fmt"
)

// Lister is a Client that can say which models its server has. Few protocols can; ask by assertion.
type Lister interface {
	// Models returns the names as the server spells them. It gives up after 5 seconds.
	Models(ctx context.Context) ([]string, error)
}

var _ Lister = (*openAI)(nil)

// Models implements Lister.
func (c *openAI) Models(ctx context.Context) ([]string, error) {
	names := c.models.names(ctx)
	if len(names) == 0 {
		return nil, fmt.Errorf("%s lists no models", c.line.name)
	}
	return names, nil
}
