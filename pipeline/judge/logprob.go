package judge

import (
	"fmt"
	"maps"
	"math"
	"strings"

	"openarena/providers"
)

var _ = register("logprob", logprob{})

// logprob asks for one letter and reads how likely the judge held each: A, B, or C for a tie. That is a soft preference,
// which says more than the letter; the letter itself does not count. It needs a server that tells logprobs, and a judge that
// does not think first.
type logprob struct{}

func (logprob) Version() int { return 1 }

func (logprob) Ask(c Case, s Settings) Question {
	s.Analysis = "none"
	q := logprobWording.ask(c, s)
	q.Schema, q.FollowUpSchema, q.OneToken = nil, nil, true // a form would put a brace where the letter has to be
	return q
}

func (logprob) Parse(r Reply, c Case) Verdict {
	switch {
	case r.Finish == providers.FinishFiltered:
		return invalid(Filtered)
	case r.Refusal != "" || r.Finish == providers.FinishRefusal:
		return invalid(Refusal)
	case len(r.Top) == 0:
		return invalid(NoLogprobs)
	}
	mass := map[string]float64{}
	for _, token := range r.Top {
		if letter := strings.ToUpper(strings.Trim(token.Token, " \t\r\n\"'*[(.)]▁Ġ")); letter == "A" || letter == "B" || letter == "C" && c.ties() {
			mass[letter] += math.Exp(token.Logprob)
		}
	}
	sum := mass["A"] + mass["B"] + mass["C"]
	if sum < leastMass {
		return invalid(NoVerdict)
	}
	preference := (mass["A"] + mass["C"]/2) / sum
	if !c.ties() && preference == 0.5 {
		return invalid(NoVerdict)
	}
	v := at(leaning(preference, c.ties()), MethodLogprob)
	v.Preference = &preference
	v.Explanation = fmt.Sprintf("A %.1f %%, B %.1f %%, a tie %.1f %%", 100*mass["A"]/sum, 100*mass["B"]/sum, 100*mass["C"]/sum)
	return v
}

// leastMass is how likely the letters have to be together: a judge that would rather say something else has not judged.
const leastMass = 0.1

// leaning is the level of a preference: the nearest of five, which lie evenly from certainly B to certainly A.
func leaning(preference float64, ties bool) int {
	level := int(math.Round(4*preference - 2))
	switch {
	case level != 0 || ties:
	case preference > 0.5:
		return 1
	default:
		return -1
	}
	return level
}

var logprobWording = wording{
	rules: parsed(`You are an impartial judge. Answers A and B were given to the same prompt. Say which one is better.

` + counts + evidence),
	form:     parsed(`Reply with one letter and nothing else: ` + threeLetters),
	reminder: parsed(onlyOurTags + `Now judge answers A and B. Reply with one letter and nothing else: {{if .Ties}}A, B or C{{else}}A or B{{end}}.`),
	followUp: parsed(`That is no letter of these. Reply with one letter and nothing else: {{if .Ties}}A, B or C{{else}}A or B{{end}}.`),
	fields:   func(Case) []property { return nil },
}

const threeLetters = `A if A is better, B if B is better{{if .Ties}}, C if they are equally good{{end}}.`

// alternatives are how many tokens a server is asked about, where the parameters name no number.
const alternatives = 20

// oneToken is a copy of params that asks for one token and what else might have stood there.
func oneToken(params map[string]any) map[string]any {
	params = maps.Clone(params)
	for _, key := range tokenKeys {
		if _, ok := params[key]; ok {
			params[key] = int64(1)
		}
	}
	params["logprobs"] = true
	if _, ok := params["top_logprobs"]; !ok {
		params["top_logprobs"] = int64(alternatives)
	}
	return params
}
