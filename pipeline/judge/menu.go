package judge

// object reads o, which has a verdict. Nothing else in it counts.
func (m menu) object(o object, w words) Verdict {
	if o.torn(keyVerdict) {
		return invalid(Conflict)
	}
	n, ok := o.level(m)
	if !ok {
		return invalid(NoVerdict, FlagOffMenu)
	}
	return m.others(at(n, MethodJSON), o, w)
}

// others looks at what else in w could be meant as a verdict. Something else before o is a change of mind, after o it
// is a conflict.
func (m menu) others(v Verdict, o object, w words) Verdict {
	for _, other := range w.objects {
		n, ok := other.level(m)
		switch {
		case !ok || n == v.Level:
		case other.start > o.start:
			return invalid(Conflict)
		default:
			v = v.flag(FlagConflict)
		}
	}
	for _, l := range m.labels(w.prose().own) {
		switch {
		case l.known && l.level == v.Level:
		case l.start < o.start:
			v = v.flag(FlagConflict)
		case !l.known:
			return invalid(NoVerdict, FlagOffMenu)
		default:
			return invalid(Conflict)
		}
	}
	return v
}

// text reads a verdict in brackets or on a line of its own.
func (m menu) text(w words, cut bool) (v Verdict, start int, found bool) {
	ls := m.labels(w.own)
	if len(ls) == 0 {
		return Verdict{}, 0, false
	}
	last := ls[len(ls)-1]
	if cut && !last.known && last.end == len(w.own) {
		return Verdict{}, 0, false // the rest of it is missing
	}
	return settle(w.own, ls), last.start, true
}
