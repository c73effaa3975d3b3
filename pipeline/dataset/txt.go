package dataset

var _ = register(openTxt, "txt")

// lineField is the one field of a row of a txt file.
const lineField = "text"

// txt is one prompt a line. Empty lines are no rows.
type txt struct {
	in    *input
	lines lines
}

func openTxt(in *input) (reader, error) {
	r, err := in.text(1 << 18)
	if err != nil {
		return nil, err
	}
	return &txt{in: in, lines: lines{r: r}}, nil
}

func (t *txt) next(want bool) (*Object, error) {
	line, err := t.lines.filled()
	if err != nil || !want {
		return nil, err
	}
	return &Object{names: []string{lineField}, values: []any{string(chomp(line))}}, nil
}

func (t *txt) at() int64    { return t.lines.n }
func (t *txt) close() error { return t.in.close() }
