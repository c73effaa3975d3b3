package export

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/parquet-go/parquet-go"
)

// parquetRow turns rows into the values of their leaves, with the levels that say where lists begin and what is null.
type parquetRow struct {
	leaves [][]parquet.Value // of the present row
	leaf   int               // the one whose turn it is
	bytes  int               // of the present row: of its texts and values
}

// level is where in lists a value stands: rep is the depth of the list that goes on with it (0: a new row), def how many of the
// optional things above it are there, depth how many lists it is in.
type level struct{ rep, def, depth int }

func newParquetRow(root parquet.Node) parquetRow {
	return parquetRow{leaves: make([][]parquet.Value, leavesOf(root))}
}

func leavesOf(n parquet.Node) (sum int) {
	if n.Leaf() {
		return 1
	}
	for _, f := range n.Fields() {
		sum += leavesOf(f)
	}
	return sum
}

// append appends the values of a row, leaf by leaf.
func (r *parquetRow) append(to []parquet.Value, columns []column, row []value) []parquet.Value {
	const perValue = int(unsafe.Sizeof(parquet.Value{}))
	r.leaf, r.bytes = 0, 0
	for i, c := range columns {
		r.add(c.shape, &row[i], level{})
	}
	for i, values := range r.leaves {
		to = append(to, values...)
		r.bytes += len(values) * perValue
		clear(values)
		r.leaves[i] = values[:0]
	}
	return to
}

func (r *parquetRow) add(s *shape, v *value, at level) {
	switch s.form {
	case formList:
		r.addList(s, v, at)
	case formRecord: // a null is a record of nulls
		for i, f := range s.fields {
			field := &value{}
			if v.kind == isRecord {
				field = &v.items[i]
			}
			r.add(f.shape, field, at)
		}
	default:
		r.addLeaf(s, v, at)
	}
}

func (r *parquetRow) addList(s *shape, v *value, at level) {
	if v.kind == isNull {
		r.add(s.item, &value{}, at)
		return
	}
	at.def++ // the list is there
	if len(v.items) == 0 {
		r.add(s.item, &value{}, at)
		return
	}
	at.def++ // so is an item
	at.depth++
	first := r.leaf
	for i := range v.items {
		r.leaf = first
		r.add(s.item, &v.items[i], at)
		at.rep = at.depth
	}
}

func (r *parquetRow) addLeaf(s *shape, v *value, at level) {
	leaf := parquet.Value{}
	if v.kind != isNull {
		leaf = r.value(s, v)
		at.def++
	}
	r.leaves[r.leaf] = append(r.leaves[r.leaf], leaf.Level(at.rep, at.def, r.leaf))
	r.leaf++
}

// value is a value that is not null. It refers to the text, which lives as long as the value.
func (r *parquetRow) value(s *shape, v *value) parquet.Value {
	switch {
	case s.form == formText:
		t := v.text
		if v.kind != isText {
			t = string(v.appendJSON(nil))
		} else if !utf8.ValidString(t) {
			t = strings.ToValidUTF8(t, "\uFFFD")
		}
		r.bytes += len(t)
		return parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(t), len(t)))
	case s.form == formNumber && v.kind == isNumber:
		return parquet.DoubleValue(v.number())
	case s.form == formNumber && v.kind == isWhole:
		return parquet.DoubleValue(float64(v.whole()))
	case s.form == formWhole && v.kind == isWhole:
		return parquet.Int64Value(v.whole())
	case s.form == formTruth && (v.kind == isTrue || v.kind == isFalse):
		return parquet.BooleanValue(v.kind == isTrue)
	}
	panic(fmt.Sprintf("export: a value of kind %d in a column of form %d", v.kind, s.form))
}
