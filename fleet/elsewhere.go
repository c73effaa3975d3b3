package fleet

import (
	"regexp"
	"strings"
)

// unknown is the value of variables for who only asks what there is.
const unknown = "http://unknown.invalid"

var (
	storeURL = regexp.MustCompile(`(?m)^store:\s*\{?\s*url:\s*["']?(.*)$`)
	variable = regexp.MustCompile(`\$\{(\w+)`)
)

// elsewhere is env, with something for the variables of the store's URL in an arena's file: who reads a published file has
// that URL already, perhaps from a flag or another variable.
func elsewhere(file string, env func(string) (string, bool)) func(string) (string, bool) {
	instead := map[string]string{}
	if m := storeURL.FindStringSubmatch(file); m != nil {
		for i, v := range variable.FindAllStringSubmatch(m[1], -1) {
			instead[v[1]] = "x"
			if i == 0 && strings.HasPrefix(m[1], v[0]) {
				instead[v[1]] = "postgres://elsewhere"
			}
		}
	}
	return func(name string) (string, bool) {
		value, ok := env(name)
		if other, is := instead[name]; is && (!ok || value == "" || value == unknown) {
			return other, true
		}
		return value, ok
	}
}
