package hub

import "context"

// Tree lists a set page by page, as is done for very many files.
func Tree(ctx context.Context, c *Client, s *Set) error { return c.tree(ctx, s) }
