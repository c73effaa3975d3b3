package judge

import "slices"

// claim is what one sentence says about which answer is better. What it says of one aspect, of somebody else's opinion, in
// passing or under a condition is no claim.
type claim struct {
	level int  // 1, 0 or -1
	torn  bool // it says two things
}

// claimOf reads a sentence. A better answer outranks a tie: "both are equally good, but B is better".
func claimOf(tokens []token) (found claim, ok bool) {
	s := clauses{tokens: tokens}
	for i := range tokens {
		s.step(i)
		level, next := s.claim(i)
		switch {
		case next == 0 || s.denied && !s.tie || s.qualified(next):
		case !ok || found.level == 0:
			found, ok = claim{level: level}, true
		case level == -found.level:
			found.torn = true
		}
	}
	return found, ok
}

// clauses walks over a sentence and knows what the clause up to here has said.
type clauses struct {
	tokens []token
	denied bool // a negation or a doubt stands before
	aspect bool // the sentence began by saying what it looks at
	tie    bool // the last rule found a tie in a negation: neither is better

	named    int // where the last name of an answer ends
	pair     int // how many answers the sentence has named since the last mark, 2 for "both"
	neither  bool
	reporter bool
}

// step takes notice of token i.
func (s *clauses) step(i int) {
	s.tie = false
	k := s.tokens[i].kind
	if k&(mark|parting) != 0 {
		s.denied, s.reporter = s.aspect, false
	}
	if k&mark != 0 && k&colon == 0 {
		s.pair, s.neither = 0, false
	}
	switch {
	case k&neither != 0:
		s.neither, s.denied = true, true
	case k&negation != 0, k&doubt != 0 && s.at(i-1).kind&speaker == 0: // "I would say" is no doubt
		s.denied = true
	case k&concession != 0:
		s.denied = true
	case k&aspect != 0:
		s.denied, s.aspect = true, true
	case k&report != 0 && s.reporter: // somebody else's opinion
		s.denied = true
	case k&(both|plural) != 0:
		s.pair = 2
	}
	if k&(noun|both) != 0 {
		s.reporter = true
	}
	if side, next := s.answer(i); side != 0 && i >= s.named {
		s.pair, s.named = s.pair+1, next
	}
}

// claim reads what token i may begin; next is where it ends, 0 if it is no claim.
func (s *clauses) claim(i int) (level, next int) {
	for _, read := range []func(*clauses, int) (int, int){
		(*clauses).isBetter, (*clauses).betterIs, (*clauses).preferred, (*clauses).won, (*clauses).tied,
	} {
		if level, next = read(s, i); next > 0 {
			break
		}
	}
	return level, next
}

// at is the token i, of no kind behind the end.
func (s *clauses) at(i int) token {
	if 0 <= i && i < len(s.tokens) {
		return s.tokens[i]
	}
	return token{}
}

// answer reads the name of an answer at i.
func (s *clauses) answer(i int) (side, next int) {
	t, after := s.at(i), s.at(i+1)
	switch {
	case t.kind&noun != 0 && after.side != 0 && after.kind&ordinal == 0:
		if !after.firm && s.at(i+2).kind&(copula|wins|beats|mark|parting) == 0 && i+2 < len(s.tokens) {
			return 0, 0 // an article
		}
		return int(after.side), i + 2
	case t.kind&ordinal != 0 && after.kind&noun != 0:
		return int(t.side), i + 2
	case t.kind&ordinal != 0 && after.kind&copula != 0:
		return int(t.side), i + 1
	case t.firm && t.kind&(ordinal|numeral) == 0 && (after.end == 0 || after.kind != 0 && after.kind&compares == 0): // "A wins", and not "A dog"
		return int(t.side), i + 1
	}
	return 0, 0
}

// over skips tokens of some kinds from i on.
func (s *clauses) over(i int, kinds kind) int {
	for i < len(s.tokens) && s.tokens[i].kind&kinds != 0 {
		i++
	}
	return i
}

// isBetter reads "Output (a) is clearly better than Output (b)" and its opposite.
func (s *clauses) isBetter(i int) (level, next int) {
	side, j := s.answer(i)
	if side == 0 || s.neither && s.pair > 1 {
		return 0, 0
	}
	k := s.over(j, copula|filler)
	if k == j || s.at(k).kind&(better|lesser) == 0 || s.at(j).kind&copula == 0 && s.at(j+1).kind&copula == 0 {
		return 0, 0
	}
	next = s.over(k+1, noun|plural)
	against, after := s.compared(next)
	switch {
	case after == 0 && s.at(next).kind&than != 0, against == side:
		return 0, 0 // better than before
	case after != 0:
		next = after
	case s.at(k).kind&lesser != 0:
		return 0, 0 // worse than it might be
	}
	if s.at(k).kind&lesser != 0 {
		side = -side
	}
	return side, next
}

// compared reads "than Output (b)" and "to the other one"; side is 0 for the other one.
func (s *clauses) compared(i int) (side, next int) {
	if s.at(i).kind&(than|towards) == 0 {
		return 0, 0
	}
	i = s.over(i+1, filler)
	if s.at(i).kind&rest != 0 {
		return 0, s.over(i+1, noun)
	}
	return s.answer(i)
}

// betterIs reads "the better answer is B" and "Winner: B".
func (s *clauses) betterIs(i int) (level, next int) {
	if s.at(i).kind&(better|verdictual) == 0 {
		return 0, 0
	}
	j := s.over(i+1, noun)
	k := s.over(j, copula|colon)
	if k == j {
		return 0, 0
	}
	k = s.over(k, filler&^copula)
	side, next := s.answer(k)
	if side != 0 && next < len(s.tokens) && s.at(next).kind&(mark|parting) == 0 && s.at(i).kind&better == 0 {
		return 0, 0 // "Verdict: answer A names the city"
	}
	return side, next
}

// preferred reads "I prefer Output (a)".
func (s *clauses) preferred(i int) (level, next int) {
	if s.at(i).kind&preference == 0 {
		return 0, 0
	}
	return s.answer(s.over(i+1, filler))
}

// won reads "A wins" and "A beats B".
func (s *clauses) won(i int) (level, next int) {
	side, j := s.answer(i)
	if side == 0 || s.neither {
		return 0, 0
	}
	j = s.over(j, filler)
	switch k := s.at(j).kind; {
	case k&wins != 0:
		return side, j + 1
	case k&beats != 0:
		if against, next := s.answer(s.over(j+1, filler)); against == -side {
			return side, next
		}
	}
	return 0, 0
}

// tied reads "both are equally good", "neither is better" and "it is a tie".
func (s *clauses) tied(i int) (level, next int) {
	switch k := s.at(i).kind; {
	case k&better != 0 && s.neither:
		s.tie = true
		return 0, i + 1
	case k&equally != 0 && s.pair > 1 && (i+1 == len(s.tokens) || s.at(i+1).kind&(quality|mark|parting) != 0):
		return 0, i + 1 // not "equally long" and "equal to 7"
	case k&tie != 0 && (len(s.tokens) == 1 || s.calls(i)):
		return 0, i + 1
	}
	return 0, 0
}

// calls says whether what stands at i is what something is called: "it is a tie", and not "a suit and a tie".
func (s *clauses) calls(i int) bool {
	const most = 4 // words such as "a clear"
	for j := i - 1; j >= 0 && j > i-most; j-- {
		if k := s.tokens[j].kind; k&filler == 0 || k&copula != 0 {
			return k&(copula|colon|tie) != 0
		}
	}
	return false
}

// qualified says whether what follows a claim at i takes part of it back: better at something, better if.
func (s *clauses) qualified(i int) bool {
	return s.at(i).kind&(limit|doubt) != 0 || s.at(i+1).kind&aspect != 0
}

// doubtful says whether anything in the sentence is denied or doubted.
func (s *clauses) doubtful() bool {
	return slices.ContainsFunc(s.tokens, func(t token) bool { return t.kind&(negation|doubt) != 0 })
}
