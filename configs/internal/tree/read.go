package tree

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Read reads a source. The root is nil where it could not be read at all; faults then says why.
func Read(src []byte, env Lookup, faults *Faults) *Node {
	src = []byte(strings.TrimPrefix(string(src), "\ufeff"))
	tokens, ok := scan(src, faults)
	if !ok {
		return nil
	}
	lines := strings.Split(string(src), "\n")
	// Duplicate keys are ours to report: the parser would stop at the first.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		explain(err, tokens, lines, faults)
		return nil
	}
	body := onlyDocument(file, faults)
	if body == nil {
		return nil
	}
	b := &builder{lines: lines, env: env, faults: faults, anchors: map[string]*Node{}, nodes: MaxNodes, bytes: MaxBytes, search: 2 * MaxBytes}
	return b.node(body, 1)
}

// onlyDocument is the body of the file's one document.
func onlyDocument(file *ast.File, faults *Faults) ast.Node {
	var body ast.Node
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.DirectiveNode:
			continue
		}
		if body == nil {
			body = doc.Body
			continue
		}
		at := doc.Start
		if at == nil {
			at = doc.Body.GetToken()
		}
		faults.Add(place(at), "a second document begins here: an arena is one; remove this line, or put the rest into a file of its own")
		break
	}
	if body == nil {
		faults.Add(Mark{1, 1}, "the file is empty: `openarena init` writes one to start from")
	}
	return body
}

// builder turns the parser's tree into ours.
type builder struct {
	lines   []string
	env     Lookup
	faults  *Faults
	anchors map[string]*Node
	nodes   int // that may still be made
	bytes   int // that variables may still give
	search  int // bytes that may still be searched for the places of variables
}

func (b *builder) broken(at Mark, format string, args ...any) *Node {
	b.faults.Add(at, format, args...)
	return &Node{Mark: at, Kind: Broken, size: 1, depth: 1}
}

// node builds one value. It never returns nil: what cannot be built is Broken, and its fault is noted.
func (b *builder) node(n ast.Node, depth int) *Node {
	if n == nil {
		return b.broken(Mark{1, 1}, "a value is missing: check quotes, brackets and indentation")
	}
	at := place(n.GetToken())
	if b.nodes--; b.nodes < 0 {
		return b.broken(at, "the file holds more than %d values; put prompts and templates into files of their own", MaxNodes)
	}
	if depth > MaxDepth {
		return b.broken(at, "nested more than %d deep: nothing in an arena is", MaxDepth)
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.table(n.Values, at, n.IsFlowStyle, depth)
	case *ast.MappingValueNode:
		return b.table([]*ast.MappingValueNode{n}, at, false, depth)
	case *ast.SequenceNode:
		return b.items(n, at, depth)
	case *ast.AnchorNode:
		value := b.node(n.Value, depth+1)
		b.anchors[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		return b.alias(n, at)
	case *ast.TagNode:
		return b.tagged(n, at, depth)
	case *ast.LiteralNode:
		return b.scalar(at, n.Value.Value, false)
	case ast.ScalarNode:
		tk := n.GetToken()
		quoted := tk.Type == token.SingleQuoteType || tk.Type == token.DoubleQuoteType
		if tk.Type == token.ImplicitNullType {
			return &Node{Mark: at, Kind: Null, Plain: true, size: 1, depth: 1}
		}
		return b.scalar(at, tk.Value, !quoted)
	}
	return b.broken(at, "this form of YAML is not read here; write a value, a list or a table")
}

func (b *builder) scalar(at Mark, text string, plain bool) *Node {
	if plain && (strings.Contains(text, ": ") || strings.HasSuffix(text, ":")) { // which the parser lets pass between brackets
		return b.broken(b.find(at, ":"), `a ":" stands in this text: put a comma before its key, or the text in quotes`)
	}
	n := &Node{Mark: at, Kind: Text, Plain: plain, size: 1, depth: 1}
	var ok bool
	if n.Text, n.Varied, ok = b.expand(at, text); !ok {
		n.Kind = Broken
		return n
	}
	n.Hidden = n.Varied
	// What came from a variable may be a number or a text: whoever wants it decides.
	if plain && !n.Varied {
		n.Kind = KindOf(n.Text)
	}
	return n
}

func (b *builder) tagged(n *ast.TagNode, at Mark, depth int) *Node {
	value, isScalar := n.Value.(ast.ScalarNode)
	if n.GetToken().Value != "!!str" || !isScalar {
		return b.broken(at, "the tag is not read here: remove it, or put a text in quotes")
	}
	text := b.node(value, depth+1)
	if text.Kind != Broken {
		text.Kind, text.Plain = Text, false
	}
	return text
}

func (b *builder) alias(n *ast.AliasNode, at Mark) *Node {
	name := n.Value.GetToken().Value
	if target, ok := b.anchors[name]; ok {
		return target
	}
	return b.broken(at, `no anchor &%s stands before this alias; if the text begins with "*", put it in quotes`, cut(name))
}

func (b *builder) items(n *ast.SequenceNode, at Mark, depth int) *Node {
	list := &Node{Mark: at, Kind: List, size: 1, depth: 1}
	for _, v := range n.Values {
		value := b.node(v, depth+1)
		if broken := b.hold(list, value); broken != nil {
			return broken
		}
		list.Items = append(list.Items, value)
	}
	return list
}

// hold counts a value into the list or table that holds it. Where aliases make that too large it returns what to put in
// its place.
func (b *builder) hold(parent, value *Node) *Node {
	parent.size += value.size
	parent.depth = max(parent.depth, value.depth+1)
	switch {
	case parent.size > MaxNodes:
		return b.broken(parent.Mark, "aliases unfold this to more than %d values; write fewer", MaxNodes)
	case parent.depth > MaxDepth:
		return b.broken(parent.Mark, "aliases nest this more than %d deep: nothing in an arena is", MaxDepth)
	}
	return nil
}
