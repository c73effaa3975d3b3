package judge

var _ = register("scores_verdict", scoresVerdict{})

// scoresVerdict asks for a short analysis, a score from 1 to 10 for each answer and one of five verdicts. The verdict
// counts, the scores stand beside it. It is the default.
type scoresVerdict struct{}

func (scoresVerdict) Version() int { return 1 }

func (scoresVerdict) Ask(c Case, s Settings) Question {
	return scoresVerdictWording.ask(c, s)
}

func (scoresVerdict) Parse(r Reply, c Case) Verdict {
	return form{
		keys: []string{keyVerdict}, all: []string{keyScoreA, keyScoreB, keyVerdict}, object: labelledObject, text: labelledText,
	}.parse(r, c)
}

// labelledObject reads o, which has a verdict. Its scores are not needed, but what is there must be right.
func labelledObject(o object, w words) Verdict {
	if o.torn(keyVerdict, keyScoreA, keyScoreB) {
		return invalid(Conflict)
	}
	n, ok := o.level(levels)
	if !ok {
		return invalid(NoVerdict, FlagOffMenu)
	}
	v := at(n, MethodJSON)
	var reasonA, reasonB string
	v.ScoreA, reasonA = scored(o, keyScoreA)
	v.ScoreB, reasonB = scored(o, keyScoreB)
	if reason := worse(reasonA, reasonB); reason != "" {
		return invalid(reason)
	}
	return levels.others(contradicted(v), o, w)
}

// labelledText reads a verdict in brackets or on a line of its own, and the scores around it where there are any.
func labelledText(w words, cut bool) (v Verdict, start int, found bool) {
	v, start, found = levels.text(w, cut)
	ps := pairs(scoreMarks(w.own, cut))
	if v.State == Invalid || len(ps) == 0 {
		return v, start, found
	}
	p := ps[len(ps)-1]
	if reason := p.reason(); reason != "" {
		return invalid(reason), 0, true
	}
	v.ScoreA, v.ScoreB = p.a.score, p.b.score
	return contradicted(v), min(start, p.start), true
}

var scoresVerdictWording = wording{
	rules: parsed(`You are an impartial judge. Answers A and B were given to the same prompt. Score each answer and say which one is better.

` + counts + evidence),
	form: parsed(`Reply with one JSON object and nothing else. Its keys:
{{with .Analysis}}"analysis": {{.}}
{{end}}` + scoreKeys + `
"verdict": ` + fiveVerdicts),
	reminder: parsed(onlyOurTags + `Now judge answers A and B. Reply with one JSON object and nothing else. Its keys: {{if .Analysis}}"analysis", {{end}}"score_a", "score_b", "verdict". The verdict is one of {{.Menu}}.`),
	followUp: parsed(`That reply cannot be read. Reply again with one JSON object and nothing else. Its keys: "score_a" and "score_b", each a whole number from 1 to 10, and "verdict", one of {{.Menu}}.`),
	menu:     fiveLevels,
	fields: func(c Case) []property {
		return []property{{keyScoreA, oneToTen}, {keyScoreB, oneToTen}, {keyVerdict, fiveLevels.enum(c)}}
	},
}
