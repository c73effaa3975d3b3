package judge

import (
	"math"
	"slices"
	"strings"

	"openarena/providers"
)

var _ = register("genrm", genrm{})

// genrm asks a generative reward model that was trained to compare: the answers are turns of the roles response_1 and
// response_2, a rubric is one of the role principle. It replies with scores from 1 to 5 and a ranking from 1, the first is
// much better, to 6. The ranking counts, and knows no tie.
type genrm struct{}

func (genrm) Version() int { return 1 }

// Ask has neither rules nor form: such a model knows them, and a server that enforced one would keep it from thinking.
func (genrm) Ask(c Case, _ Settings) Question {
	messages := slices.Clone(c.Messages)
	if c.Rubric != nil {
		messages = append(messages, providers.Message{Role: "principle", Content: strings.TrimSpace(rubricText(c.Rubric))})
	}
	return Question{Messages: append(messages,
		providers.Message{Role: "response_1", Content: c.First}, providers.Message{Role: "response_2", Content: c.Second})}
}

func (genrm) Parse(r Reply, c Case) Verdict {
	return form{
		keys: []string{keyRanking}, all: []string{keyScore1, keyScore2, keyRanking},
		object: rankedObject,
		text:   func(words, bool) (Verdict, int, bool) { return Verdict{}, 0, false },
	}.parse(r, c)
}

// The keys of a reply of such a model.
const (
	keyScore1  = "score_1"
	keyScore2  = "score_2"
	keyRanking = "ranking"
)

// rankings are the levels of a ranking from 1 to 6. What is better, and what is slightly better, is one level.
var rankings = [...]int{2, 1, 1, -1, -1, -2}

// rankedObject reads o, which has a ranking. Its scores are not needed, but what is there must be right.
func rankedObject(o object, w words) Verdict {
	if o.torn(keyScore1, keyScore2, keyRanking) {
		return invalid(Conflict)
	}
	rank, reason := onScale(o, keyRanking, float64(len(rankings)))
	if rank == nil || *rank != math.Trunc(*rank) {
		return invalid(worse(reason, NoVerdict))
	}
	v := at(rankings[int(*rank)-1], MethodJSON)
	one, reasonOne := onScale(o, keyScore1, 5)
	two, reasonTwo := onScale(o, keyScore2, 5)
	if reason := worse(reasonOne, reasonTwo); reason != "" {
		return invalid(reason)
	}
	v.ScoreA, v.ScoreB = tenth(one), tenth(two)
	for _, other := range w.objects {
		if other.start >= o.start {
			break
		}
		if rank, _ := onScale(other, keyRanking, 6); rank != nil && rankings[int(*rank)-1] != v.Level {
			v = v.flag(FlagConflict)
		}
	}
	return contradicted(v)
}

// onScale is the number in o under key, from 1 to most; nil where there is none that can be used.
func onScale(o object, key string, most float64) (score *float64, reason string) {
	f, ok := o.field(key)
	if !ok || f.value == "null" && f.kind == '0' {
		return nil, ""
	}
	n, ok := number(strings.TrimSpace(f.value))
	switch {
	case f.kind != '"' && f.kind != '0', !ok:
		return nil, NoVerdict
	case n < 1 || n > most:
		return nil, OutOfRange
	}
	return &n, ""
}

// tenth maps a score from 1 to 5 to the scale from 1 to 10 of all other judges.
func tenth(score *float64) *float64 {
	if score == nil {
		return nil
	}
	n := 1 + (*score-1)*9/4
	return &n
}
