package markdown

import (
	"html"
	"maps"
	"slices"

	"rsc.io/markdown"
)

// inner are the blocks within a block.
func inner(b markdown.Block) []markdown.Block {
	switch b := b.(type) {
	case *markdown.Quote:
		return b.Blocks
	case *markdown.List:
		return b.Items
	case *markdown.Item:
		return b.Blocks
	}
	return nil
}

// depth is how many quotes and lists lie in each other.
func depth(all []markdown.Block) (deepest int) {
	for _, b := range all {
		if in := inner(b); in != nil {
			d := depth(in)
			if _, item := b.(*markdown.Item); !item {
				d++
			}
			deepest = max(deepest, d)
		}
	}
	return deepest
}

// levels says what becomes of each level of headings that a text uses, the highest being first: no level is left out.
func levels(all []markdown.Block, first int) map[int]int {
	used := map[int]int{}
	see(all, used)
	for i, level := range slices.Sorted(maps.Keys(used)) {
		used[level] = min(6, first+i)
	}
	return used
}

func see(all []markdown.Block, used map[int]int) {
	for _, b := range all {
		if h, ok := b.(*markdown.Heading); ok {
			used[h.Level] = 0
		}
		see(inner(b), used)
	}
}

// unescape undoes what the parser does to texts of its own.
func unescape(s string) string { return html.UnescapeString(s) }
