package export

import (
	"slices"

	"github.com/parquet-go/parquet-go"
)

// nodeOf is the group of these columns.
func nodeOf(columns []column) parquet.Node {
	g := orderedGroup{Group: parquet.Group{}}
	for _, c := range columns {
		g.Group[c.name] = c.shape.node()
		g.names = append(g.names, c.name)
	}
	return g
}

// node is the shape of a column or of an item: what is no list or record may be null, a list may be, too. Lists have the three
// levels that the format's definition asks for.
func (s *shape) node() parquet.Node {
	switch s.form {
	case formNumber:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case formWhole:
		return parquet.Optional(parquet.Int(64))
	case formTruth:
		return parquet.Optional(parquet.Leaf(parquet.BooleanType))
	case formRecord:
		return nodeOf(s.fields)
	case formList:
		return parquet.Optional(parquet.List(s.item.node()))
	}
	return parquet.Optional(parquet.String())
}

// orderedGroup is a group whose fields stand in the order of the columns, not of their names.
type orderedGroup struct {
	parquet.Group
	names []string
}

func (g orderedGroup) Fields() []parquet.Field {
	fields := g.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(g.names, a.Name()) - slices.Index(g.names, b.Name())
	})
	return fields
}
