package dataset

var _ = register(openJSONL, "jsonl", "ndjson")

// jsonl is one JSON object a line. Empty lines are no rows.
type jsonl struct {
	in    *input
	lines lines
	json  jsonReader
}

func openJSONL(in *input) (reader, error) {
	r, err := in.text(1 << 18)
	if err != nil {
		return nil, err
	}
	return &jsonl{in: in, lines: lines{r: r}, json: jsonReader{need: in.need}}, nil
}

func (j *jsonl) next(want bool) (*Object, error) {
	line, err := j.lines.filled()
	if err != nil || !want {
		return nil, err
	}
	return j.json.object(line)
}

func (j *jsonl) at() int64    { return j.lines.n }
func (j *jsonl) close() error { return j.in.close() }
