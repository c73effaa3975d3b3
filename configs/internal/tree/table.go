package tree

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"
)

var secretKey = regexp.MustCompile(`(?i)(^|[-_.])(api[-_]?)?(key|token|secret|password|passwd|credentials?|cookie|authorization)$`)

// SecretKey reports whether a key, or the name of a header, is one whose value must not be shown.
func SecretKey(key string) bool { return secretKey.MatchString(key) }

// hide marks a value and all below it. A value that is hidden already is left, so that aliases cost nothing.
func hide(n *Node) {
	if n.Hidden && (n.Kind == List || n.Kind == Table) {
		return
	}
	n.Hidden = true
	for _, item := range n.Items {
		hide(item)
	}
	for _, e := range n.Entries {
		hide(e.Value)
	}
}

// table builds a table: first what it says itself, then what it merges in and does not say.
func (b *builder) table(values []*ast.MappingValueNode, at Mark, flow bool, depth int) *Node {
	t := &Node{Mark: at, Kind: Table, size: 1, depth: 1}
	if !flow && len(values) > 0 { // the parser marks a block table at its first colon; people look for its first key
		t.Mark = place(values[0].Key.GetToken())
	}
	seen := make(map[string]Mark, len(values))
	var merges []*Node
	for _, v := range values {
		if v.Key.IsMergeKey() {
			merges = append(merges, b.sources(b.node(v.Value, depth+1))...)
			continue
		}
		entry := Entry{Mark: place(v.Key.GetToken()), Value: b.node(v.Value, depth+1)}
		key, ok := keyText(v.Key)
		if !ok {
			b.faults.Add(entry.Mark, "a key must be a plain word")
			continue
		}
		if first, twice := seen[key]; twice {
			b.faults.Add(entry.Mark, "the key %q is here twice, first in line %d: keep one", cut(key), first.Line)
			continue
		}
		seen[key], entry.Key = entry.Mark, key
		if SecretKey(key) {
			hide(entry.Value)
		}
		if broken := b.hold(t, entry.Value); broken != nil {
			return broken
		}
		t.Entries = append(t.Entries, entry)
	}
	return b.merge(t, merges, seen)
}

// sources are the tables that a merge key names: one, or a list of them, of which the first has precedence.
func (b *builder) sources(value *Node) []*Node {
	switch value.Kind {
	case Table:
		return []*Node{value}
	case Broken:
		return nil
	case List:
		var tables []*Node
		for _, item := range value.Items {
			tables = append(tables, b.sources(item)...)
		}
		return tables
	}
	b.faults.Add(value.Mark, "<< merges tables, not %s: write <<: *anchor", value.Kind)
	return nil
}

func (b *builder) merge(t *Node, sources []*Node, seen map[string]Mark) *Node {
	for _, source := range sources {
		for _, e := range source.Entries {
			if _, own := seen[e.Key]; own {
				continue
			}
			if b.nodes--; b.nodes < 0 {
				return b.broken(t.Mark, "merges unfold the file to more than %d values; write fewer", MaxNodes)
			}
			if broken := b.hold(t, e.Value); broken != nil {
				return broken
			}
			seen[e.Key] = e.Mark
			t.Entries = append(t.Entries, e)
		}
	}
	return t
}

// keyText is a key as text; false for keys that are tables, lists, anchors or aliases.
func keyText(key ast.MapKeyNode) (string, bool) {
	if explicit, ok := key.(*ast.MappingKeyNode); ok {
		inner, ok := explicit.Value.(ast.MapKeyNode)
		if !ok {
			return "", false
		}
		return keyText(inner)
	}
	switch key.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return key.GetToken().Value, true
	}
	return "", false
}
