package export

import (
	"slices"
	"strings"

	"openarena/providers"
)

// cut reports whether an answer did not end by itself: it was cut off, withheld or declined by the provider.
func (a *Answer) cut() bool {
	return slices.Contains([]string{providers.FinishLength, providers.FinishFiltered, providers.FinishRefusal}, a.Finish)
}

// declines reports whether an answer is a refusal, by what the provider says or by the first words that it says to the user.
func (a *Answer) declines() bool {
	return a.Finish == providers.FinishRefusal || a.Finish == providers.FinishFiltered || refuses(a.spoken())
}

// refusalHead is how much of an answer is looked at: who declines does so at once.
const refusalHead = 200

// refusals are phrases, in lower case, with which models decline in English. Each names the speaker and that it will not:
// words that only regret, or say what cannot be done by anybody, are none.
var refusals = []string{
	"i can't assist", "i cannot assist", "i'm unable to assist", "i am unable to assist", "i'm not able to assist", "i am not able to assist",
	"i can't help with", "i cannot help with", "i can't help you with", "i cannot help you with", "i'm unable to help", "i am unable to help",
	"i'm not able to help", "i am not able to help", "i won't be able to help", "i won't help",
	"i can't provide", "i cannot provide", "i'm unable to provide", "i am unable to provide", "i'm not able to provide", "i am not able to provide",
	"i can't fulfill", "i cannot fulfill", "i can't fulfil", "i cannot fulfil", "i'm unable to fulfill", "i am unable to fulfill",
	"i can't comply", "i cannot comply", "i can't engage in", "i cannot engage in", "i can't create content", "i cannot create content",
	"i can't generate content", "i cannot generate content", "i can't answer that", "i cannot answer that", "i must decline", "i have to decline",
	"i can't do that", "i cannot do that", "i can't discuss", "i cannot discuss",
	"as an ai language model, i can't", "as an ai language model, i cannot", "as an ai, i can't", "as an ai, i cannot", "as an ai assistant, i can't", "as an ai assistant, i cannot",
}

// refuses reports whether a text begins as a refusal does: one of refusals in its first 200 bytes.
func refuses(text string) bool {
	head := strings.TrimSpace(text)
	head = strings.ToLower(head[:min(len(head), refusalHead)])
	head = strings.ReplaceAll(head, "\u2019", "'")
	return slices.ContainsFunc(refusals, func(phrase string) bool { return strings.Contains(head, phrase) })
}
