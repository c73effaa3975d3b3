package judge

var _ = register("verdict3", verdict3{})

// verdict3 asks for a short analysis and one of three verdicts, without scores, as MT-Bench does. Who is better is one level
// better, never two.
type verdict3 struct{}

func (verdict3) Version() int { return 1 }

func (verdict3) Ask(c Case, s Settings) Question { return verdict3Wording.ask(c, s) }

func (verdict3) Parse(r Reply, c Case) Verdict {
	keys := []string{keyVerdict}
	return form{keys: keys, all: keys, object: threeVerdicts.object, text: threeVerdicts.text}.parse(r, c)
}

// threeVerdicts are MT-Bench's A, B and C, and what else can only mean the same.
var threeVerdicts = menu{
	"A": 1, "A>B": 1, "B<A": 1,
	"C": 0, "TIE": 0, "A=B": 0, "B=A": 0,
	"B": -1, "B>A": -1, "A<B": -1,
}

var verdict3Wording = verdictWording(options{"A", "B", "C"},
	`"A" if A is better, "B" if B is better{{if .Ties}}, "C" if they are equally good{{end}}`)
