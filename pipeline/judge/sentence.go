package judge

import "strings"

// token is a word of a sentence, or a mark that parts clauses.
type token struct {
	start, end int
	kind       kind
	side       int8 // +1 it may stand for the first answer, -1 for the second, 0 neither
	firm       bool // side is a capital, a digit or in brackets, and so no article
}

// kind is what a token can be; a word may be several things.
type kind uint32

// The kinds.
const (
	noun       kind = 1 << iota // what judges call an answer
	plural                      // several answers
	ordinal                     // first, second
	copula                      // is
	filler                      // may stand between is and better
	better                      // better, superior, the winner
	lesser                      // worse, inferior
	than                        //
	towards                     // superior to
	limit                       // better at something
	numeral                     // 1, 2
	rest                        // the other, the rest
	preference                  // prefer, choose
	wins                        // wins
	beats                       // beats, outperforms
	verdictual                  // verdict, winner, choice: what a colon or is may announce
	both                        // both, they
	neither                     //
	equally                     // equally, equal
	quality                     // good
	speaker                     // I, we
	tie                         //
	negation                    // not, never, no
	doubt                       // if, whether, would
	concession                  // while, although: its clause is not the point
	report                      // argues, claims: somebody else's opinion
	aspect                      // in terms of: not the whole
	parting                     // begins a clause
	mark                        // , ; : –
	colon                       //
	compares                    // > = <
)

// vocabulary says what words can be, in small letters.
var vocabulary = func() map[string]kind {
	words := map[string]kind{}
	for k, list := range map[kind]string{
		noun:       "output assistant answer response reply model completion candidate option solution text version one",
		plural:     "outputs assistants answers responses replies models completions candidates options solutions texts versions",
		both:       "both they",
		ordinal:    "first second former latter",
		copula:     "is are was were be seems appears remains looks being it's",
		filler:     "the a an much far overall also still even just by more bit little lot somewhat to be been considered deemed judged therefore thus hence indeed in my opinion our slight clear hands down no doubt margin overwhelming",
		better:     "better superior preferable preferred best winner stronger",
		lesser:     "worse inferior weaker",
		than:       "than",
		towards:    "to",
		limit:      "at when suited written structured organized only or",
		numeral:    "1 2",
		rest:       "other others rest",
		preference: "prefer choose pick select favor favour chose select recommend preferring choosing",
		wins:       "wins",
		beats:      "beats outperforms surpasses",
		verdictual: "verdict winner choice preference judgment judgement decision conclusion pick",
		neither:    "neither",
		equally:    "equally equal",
		quality:    "good well bad poor strong valid matched worthy accurate correct acceptable",
		speaker:    "i we i'd we'd",
		tie:        "tie tied draw",
		negation:   "not never no cannot nor hardly unlikely unclear impossible difficult hard unable without",
		doubt:      "if whether would could might may should unless which when how why",
		concession: "while although though whereas despite",
		report:     "find finds found believe argues argue claims claim says states suggests believes thinks thought asserts mentions notes explains concludes argued claimed stated said prefers chooses explanation reasoning",
		aspect:     "terms regarding regard regards concerning respect criterion aspect aspects",
		parting:    "but because so and therefore thus hence however since as though although while whereas that's",
	} {
		for _, w := range strings.Fields(list) {
			words[w] |= k
		}
	}
	return words
}()

// longestWord is how many bytes the longest word of the vocabulary may have.
const longestWord = 20

// tokens goes through a text sentence by sentence.
type tokens struct {
	text  string
	next  int     // where the next sentence begins
	list  []token // of this sentence, until the next is read
	whole bool    // it has an end of its own
	asks  bool    // it is a question
}

// sentence reads the next sentence that has words; false if there is none.
func (t *tokens) sentence() bool {
	t.list = t.list[:0]
	for t.next < len(t.text) {
		if t.step(); t.whole && len(t.list) > 0 {
			return true
		}
	}
	return len(t.list) > 0
}

// step reads what stands next: a word, a mark or the end of a sentence.
func (t *tokens) step() {
	s, i := t.text, t.next
	t.whole, t.asks = false, false
	switch c := s[i]; {
	case c == '\n':
		t.next, t.whole = i+1, !continues(s[i+1:])
	case wordly(c) && quotes(s, i) == 0:
		t.next = i + 1
		for t.next < len(s) && (wordly(s[t.next]) && quotes(s, t.next) == 0 || apostrophe(s, t.next)) {
			t.next++
		}
		t.list = append(t.list, wordToken(s, i, t.next))
	case strings.IndexByte(".!?", c) >= 0 && ends(s, i+1):
		t.next, t.whole, t.asks = i+1, true, c == '?'
	case strings.IndexByte("<>=", c) >= 0:
		t.next = i + 1
		for t.next < len(s) && strings.IndexByte("<>=", s[t.next]) >= 0 {
			t.next++
		}
		t.list = append(t.list, token{start: i, end: t.next, kind: mark | colon | compares})
	default:
		if strings.IndexByte(",;:", c) >= 0 {
			t.list = append(t.list, token{start: i, end: i + 1, kind: mark | colonOf(c)})
		}
		t.next += max(1, quotes(s, i))
	}
}

func colonOf(c byte) kind {
	if c == ':' {
		return colon
	}
	return 0
}

// wordToken is the token s[i:j].
func wordToken(s string, i, j int) token {
	t := token{start: i, end: j}
	if j-i > longestWord {
		return t
	}
	var buf [longestWord]byte
	small := buf[:copy(buf[:], s[i:j])]
	for n, c := range small {
		if 'A' <= c && c <= 'Z' {
			small[n] = c | 0x20
		}
	}
	t.kind = vocabulary[string(small)]
	switch {
	case strings.HasSuffix(string(small), "n't"), strings.HasSuffix(string(small), "n\u2019t"):
		t.kind = negation
	case t.kind == 0 && strings.HasSuffix(string(small), "ly"):
		t.kind = filler
	}
	switch string(small) {
	case "a", "1", "first", "former":
		t.side = 1
	case "b", "2", "second", "latter":
		t.side = -1
	}
	if t.side != 0 {
		t.firm = s[i] < 'a' || t.kind&ordinal != 0 || bracketedWord(s, i, j)
	}
	if t.firm {
		t.kind &^= filler // no article
	}
	return t
}

func bracketedWord(s string, i, j int) bool {
	return i > 0 && j < len(s) && (s[i-1] == '(' && s[j] == ')' || s[i-1] == '[' && s[j] == ']')
}

func wordly(c byte) bool { return isLetter(c) || isDigit(c) || c >= 0x80 || c == '~' }

// apostrophe says whether one stands within a word at i.
func apostrophe(s string, i int) bool {
	return s[i] == '\'' && i+1 < len(s) && isLetter(s[i+1]) || strings.HasPrefix(s[i:], "\u2019")
}

// quotes is the length of a typographic mark at i that is no part of a word, or 0.
func quotes(s string, i int) int {
	if s[i] != 0xE2 {
		return 0
	}
	for _, q := range []string{"\u201C", "\u201D", "\u2018", "\u2019", "\u2013", "\u2014", "\u2022"} {
		if strings.HasPrefix(s[i:], q) {
			return len(q)
		}
	}
	return 0
}

// ends says whether a full stop before i ends a sentence: it is not within a number or an abbreviation.
func ends(s string, i int) bool {
	return i == len(s) || !isLetter(s[i]) && !isDigit(s[i])
}

// continues says whether a line goes on with the sentence of the line before: judges wrap lines, too.
func continues(line string) bool {
	return line != "" && 'a' <= line[0] && line[0] <= 'z'
}
