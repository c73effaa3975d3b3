package judge

var _ = register("verdict5", verdict5{})

// verdict5 asks for a short analysis and one of five verdicts, without scores, as arena-hard does.
type verdict5 struct{}

func (verdict5) Version() int { return 1 }

func (verdict5) Ask(c Case, s Settings) Question { return verdict5Wording.ask(c, s) }

func (verdict5) Parse(r Reply, c Case) Verdict {
	keys := []string{keyVerdict}
	return form{keys: keys, all: keys, object: levels.object, text: levels.text}.parse(r, c)
}

var verdict5Wording = verdictWording(fiveLevels, fiveVerdicts)

// verdictWording asks for nothing but a verdict, whose meanings are said in words.
func verdictWording(menu options, meanings string) wording {
	return wording{
		rules: parsed(`You are an impartial judge. Answers A and B were given to the same prompt. Say which one is better.

` + counts + evidence),
		form: parsed(`Reply with one JSON object and nothing else. Its keys:
{{with .Analysis}}"analysis": {{.}}
{{end}}"verdict": ` + meanings),
		reminder: parsed(onlyOurTags + `Now judge answers A and B. Reply with one JSON object and nothing else. Its keys: {{if .Analysis}}"analysis", {{end}}"verdict". The verdict is one of {{.Menu}}.`),
		followUp: parsed(`That reply cannot be read. Reply again with one JSON object and nothing else. Its only key is "verdict", one of {{.Menu}}.`),
		menu:     menu,
		fields:   func(c Case) []property { return []property{{keyVerdict, menu.enum(c)}} },
	}
}
