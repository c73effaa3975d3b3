package export

var _ = registerEncoder("jsonl", func(columns []column, _ Options) encoder { return jsonl{keys(columns)} })

// jsonl is one JSON object a line.
type jsonl struct{ keys [][]byte }

func (j jsonl) begin(b []byte) []byte { return b }

func (j jsonl) row(b []byte, row []value) []byte { return append(appendObject(b, j.keys, row), '\n') }

func (j jsonl) end(b []byte) []byte { return b }
