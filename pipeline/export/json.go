package export

var _ = registerEncoder("json", func(columns []column, _ Options) encoder { return &jsonList{keys: keys(columns)} })

// jsonList is one JSON list, an object a line.
type jsonList struct {
	keys [][]byte
	rows bool // there was one
}

func (j *jsonList) begin(b []byte) []byte { return append(b, '[') }

func (j *jsonList) row(b []byte, row []value) []byte {
	if j.rows {
		b = append(b, ',')
	}
	j.rows = true
	return appendObject(append(b, '\n'), j.keys, row)
}

func (j *jsonList) end(b []byte) []byte {
	if j.rows {
		b = append(b, '\n')
	}
	return append(b, "]\n"...)
}
