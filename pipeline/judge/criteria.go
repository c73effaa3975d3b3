package judge

import (
	"math"
	"strconv"
	"strings"

	"openarena/configs"
)

var _ = register("criteria", criteria{})

// criteria asks for a score from 1 to 10 for each answer under each criterion of the rubric, in one call. Their weighted
// means are the scores; the higher one wins, as with scores.
type criteria struct{}

func (criteria) Version() int { return 1 }

func (criteria) Ask(c Case, s Settings) Question { return criteriaWording.ask(c.withCriteria(), s) }

func (criteria) Parse(r Reply, c Case) Verdict {
	c = c.withCriteria()
	keys := criterionKeys(len(c.Rubric.Criteria))
	return form{
		keys: keys, all: keys,
		object: func(o object, w words) Verdict { return criteriaObject(o, w, c.Rubric.Criteria) },
		text:   func(words, bool) (Verdict, int, bool) { return Verdict{}, 0, false },
	}.parse(r, c)
}

// usual are the criteria of a judge without a rubric.
var usual = configs.Rubric{
	Criteria: []configs.Criterion{
		{Name: "correctness", Weight: 3, Levels: map[int]string{10: "nothing in it is wrong", 5: "right in the main, wrong in details", 1: "wrong in the main"}},
		{Name: "doing what was asked", Weight: 2, Levels: map[int]string{10: "every demand is met", 5: "some demands are not met", 1: "it does something else"}},
		{Name: "clarity", Weight: 1, Levels: map[int]string{10: "understood at once", 5: "understood with some effort", 1: "cannot be understood"}},
	},
	Ties: "allow",
}

func (c Case) withCriteria() Case {
	if c.Rubric == nil {
		c.Rubric = &usual
	}
	return c
}

// criterionKeys are the keys of a reply about n criteria.
func criterionKeys(n int) []string {
	keys := make([]string, 0, 2*n)
	for i := range n {
		keys = append(keys, criterionKey(i, "a"), criterionKey(i, "b"))
	}
	return keys
}

// criterionKey names the score of one side under one criterion. Names of criteria are a user's, and may be anything; the
// letter before the number has the keys come after the analysis, and the number keeps them in the order of the rubric.
func criterionKey(i int, side string) string { return "c" + strconv.Itoa(i+1) + "_" + side }

// numbered is the key with a number that a quoted key means, or "".
func numbered(quoted string) string {
	bare := strings.ReplaceAll(strings.ToLower(strings.Trim(quoted, `" `)), "-", "_")
	if bare == keyScore1 || bare == keyScore2 {
		return bare
	}
	number, side, ok := strings.Cut(bare, "_")
	if !ok || side != "a" && side != "b" || len(number) < 2 || len(number) > 4 || number[0] != 'c' {
		return ""
	}
	n, err := strconv.Atoi(number[1:])
	if err != nil || n < 1 {
		return ""
	}
	return criterionKey(n-1, side)
}

// criteriaObject reads o, which has all scores.
func criteriaObject(o object, w words, all []configs.Criterion) Verdict {
	if o.torn(criterionKeys(len(all))...) {
		return invalid(Conflict)
	}
	v := weighed(o, all)
	if v.State == Invalid {
		return v
	}
	for _, other := range w.objects {
		if other.start >= o.start {
			break
		}
		if before := weighed(other, all); before.State != Invalid && before.Level != v.Level {
			v = v.flag(FlagConflict)
		}
	}
	return v
}

// weighed is the verdict of the weighted means.
func weighed(o object, all []configs.Criterion) Verdict {
	var sum [2]float64
	weights, reason := 0.0, ""
	for i, c := range all {
		weights += c.Weight
		for side, name := range []string{"a", "b"} {
			s, why := scored(o, criterionKey(i, name))
			if s == nil && why == "" {
				why = NoVerdict
			}
			if why == "" {
				sum[side] += c.Weight * *s
			}
			reason = worse(why, reason)
		}
	}
	if reason != "" {
		return invalid(reason)
	}
	return byScores(mean(sum[0], weights), mean(sum[1], weights), MethodJSON)
}

// mean is exact to what a reader would see, so that rounding on the way decides no battle.
func mean(sum, weights float64) float64 { return math.Round(1e6*sum/weights) / 1e6 }

var criteriaWording = wording{
	rules: parsed(`You are an impartial judge. Answers A and B were given to the same prompt. Score each answer under each criterion. Look at one criterion at a time: how an answer does under one says nothing of another.

The criteria:
{{range .Criteria}}{{.Key}}: {{.Name}}
{{.Levels}}{{end}}Nothing else counts, such as which answer comes first or a confident tone.
{{if not .Ties}}The answers are never equally good: their scores must not be the same throughout.
{{end}}` + evidence),
	form: parsed(`Reply with one JSON object and nothing else. Its keys:
{{with .Analysis}}"analysis": {{.}}
{{end}}{{range $i, $c := .Criteria}}{{if $i}}
{{end}}"{{.Key}}_a": whole number from 1 (useless) to 10 (excellent) for answer A under {{.Key}}, {{.Name}}
"{{.Key}}_b": whole number from 1 (useless) to 10 (excellent) for answer B under {{.Key}}, {{.Name}}{{end}}`),
	reminder: parsed(onlyOurTags + `Now score answers A and B. Reply with one JSON object and nothing else. Its keys: {{if .Analysis}}"analysis", {{end}}` + listedCriteria + `. Each score is a whole number from 1 to 10.`),
	followUp: parsed(`That reply cannot be read. Reply again with one JSON object and nothing else. Its keys: ` + listedCriteria + `, each a whole number from 1 to 10.`),
	fields: func(c Case) []property {
		var all []property
		for _, key := range criterionKeys(len(c.Rubric.Criteria)) {
			all = append(all, property{key, oneToTen})
		}
		return all
	},
}

const listedCriteria = `{{range $i, $c := .Criteria}}{{if $i}}, {{end}}"{{.Key}}_a", "{{.Key}}_b"{{end}}`
