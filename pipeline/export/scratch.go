package export

import "openarena/providers"

// scratch makes the lists and records of one row in memory that serves every row anew. They are good until reset.
type scratch struct{ values []value }

func (s *scratch) reset() { s.values = s.values[:0] }

// keep copies values to where they are good until reset.
func (s *scratch) keep(items []value) []value {
	from := len(s.values)
	s.values = append(s.values, items...)
	return s.values[from:len(s.values):len(s.values)]
}

func (s *scratch) list(items ...value) value { return value{kind: isList, items: s.keep(items)} }

// record is a value of a shape that has as many fields as there are items.
func (s *scratch) record(of *shape, items ...value) value {
	return value{kind: isRecord, of: of, items: s.keep(items)}
}

// messages is a conversation as a list of messages.
func (s *scratch) messages(conversation ...providers.Message) value {
	return s.pairs(aMessage, conversation)
}

// pairs is a conversation as a list of records that hold who speaks, and what.
func (s *scratch) pairs(of *shape, conversation []providers.Message) value {
	var few [8]value
	items := few[:0]
	for _, m := range conversation {
		items = append(items, s.record(of, text(m.Role), text(m.Content)))
	}
	return s.list(items...)
}
