package export

// shape is what the values of a column are. Any of them may be null.
type shape struct {
	form   form
	fields []column // of a record
	keys   [][]byte // of a record: what stands before its values in JSON
	item   *shape   // of a list
}

type form uint8

const (
	formText form = iota // other values are written into it as JSON
	formNumber
	formWhole
	formTruth
	formRecord
	formList
)

// column is a named part of every row, or of a record.
type column struct {
	name  string
	shape *shape
}

// The shapes of columns.
var (
	aText   = &shape{form: formText}
	aNumber = &shape{form: formNumber}
	aWhole  = &shape{form: formWhole}
	aTruth  = &shape{form: formTruth}

	aMessage       = recordOf(column{"role", aText}, column{"content", aText})
	listOfMessages = listOf(aMessage)
	aTurn          = recordOf(column{"from", aText}, column{"value", aText})
	listOfTurns    = listOf(aTurn)
)

func recordOf(fields ...column) *shape {
	return &shape{form: formRecord, fields: fields, keys: keys(fields)}
}

func listOf(item *shape) *shape { return &shape{form: formList, item: item} }

// keys are the texts that stand before the values of an object.
func keys(columns []column) [][]byte {
	list := make([][]byte, len(columns))
	for i, c := range columns {
		start := byte(',')
		if i == 0 {
			start = '{'
		}
		list[i] = append(appendString([]byte{start}, c.name), ':')
	}
	return list
}
