package providers

import (
	"regexp"
	"strings"
)

// SameModel reports whether a server that was asked for one name and replies with another may well mean the same model. It
// passes over letter case, the folders before a name, .gguf, the tag latest, variants behind a colon that say how a model is
// served, and versions: dates and numbers behind a name that has none.
func SameModel(asked, replied string) bool {
	a, r := plainModel(asked), plainModel(replied)
	if a == "" || r == "" || a == r {
		return true
	}
	if len(a) > len(r) {
		a, r = r, a
	}
	rest, ok := strings.CutPrefix(r, a)
	return ok && modelVersion.MatchString(rest)
}

// modelVersion is what may stand behind a name without making it another's: -2024-08-06, -0613, -001, @20240620, -preview-05-20.
var modelVersion = regexp.MustCompile(`^[-@:._](latest|preview|exp|experimental)?([-._]?[0-9]{2,4}){0,3}([0-9]{4})?$`)

// servedAs are how one model is offered, not which. Source: https://openrouter.ai/docs/guides/routing/model-variants
var servedAs = []string{":latest", "-latest", ":free", ":nitro", ":floor", ":online", ":extended", ":exacto", ":thinking"}

func plainModel(name string) string {
	name = strings.ToLower(strings.TrimRight(strings.TrimSpace(name), `/\`))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSuffix(name, ".gguf")
	for _, as := range servedAs {
		name = strings.TrimSuffix(name, as)
	}
	return name
}
