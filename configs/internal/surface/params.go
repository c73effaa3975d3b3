package surface

import "openarena/configs/internal/tree"

// Params are passed through to an endpoint as they are: text, bool, int64, float64, []any and map[string]any.
type Params struct {
	tree.Mark
	Is map[string]any
}

func (p *Params) place(n *tree.Node) { p.Mark = n.Mark }
func (p *Params) fill(string)        {}

func (p *Params) read(r *reader, n *tree.Node, name string, _ limits) {
	if n.Kind != tree.Table {
		r.faults.Add(n.Mark, "%s must be a table, such as {temperature: 0.7}, not %s", name, n.Show())
		return
	}
	p.Is = r.anything(n, name).(map[string]any)
}

// anything reads a value whose type the file chooses.
func (r *reader) anything(n *tree.Node, name string) any {
	switch kind := scalarKind(n); kind {
	case tree.Table:
		table := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			table[e.Key] = r.anything(e.Value, shorten(e.Key))
		}
		return table
	case tree.List:
		list := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			list = append(list, r.anything(item, "an entry of "+name))
		}
		return list
	case tree.Text:
		return n.Text
	case tree.Bool:
		var b Bool
		b.read(r, n, name, limits{})
		return b.Is
	case tree.Int:
		var i Int
		i.read(r, n, name, limits{})
		return i.Is
	case tree.Float:
		var f Float
		f.read(r, n, name, limits{})
		return f.Is
	case tree.Odd:
		r.faults.Add(n.Mark, `%s: %s is a number for some and text for others: write it in decimal digits, or in quotes`, name, n.Show())
	}
	return nil
}
