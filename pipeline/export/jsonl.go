package export

var _ = registerFormat("jsonl", func(columns []string, _ Options) encoder { return jsonl{keys(columns)} })

// jsonl is one JSON object a line.
type jsonl struct{ keys [][]byte }

// keys are the texts that stand before the values of an object.
func keys(columns []string) [][]byte {
	list := make([][]byte, len(columns))
	for i, name := range columns {
		start := byte(',')
		if i == 0 {
			start = '{'
		}
		list[i] = append(appendString([]byte{start}, name), ':')
	}
	return list
}

func (j jsonl) begin(b []byte) []byte { return b }

func (j jsonl) row(b []byte, row []value) []byte { return append(appendObject(b, j.keys, row), '\n') }

func (j jsonl) end(b []byte) []byte { return b }

// appendObject appends a row as one object.
func appendObject(b []byte, keys [][]byte, row []value) []byte {
	for i := range row {
		b = row[i].appendJSON(append(b, keys[i]...))
	}
	return append(b, '}')
}
