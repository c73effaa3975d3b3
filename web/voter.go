package web

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"openarena/pipeline"
)

// voter is who votes, and how many pairs they mean to see.
type voter struct {
	Name string
	Goal int
}

const (
	voterCookie = "voter"
	usualGoal   = 50
	mostGoal    = 100_000
)

// parseVoter reads what cookie wrote; false: nobody, or something that we did not write.
func parseVoter(text string) (voter, bool) {
	name, goal, _ := strings.Cut(text, ".")
	b, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil {
		return voter{}, false
	}
	v := voter{Goal: parseGoal(goal)}
	v.Name, err = pipeline.VoterName(string(b))
	return v, err == nil && v.Name == string(b)
}

// parseGoal is a number of pairs; what is none is the usual one.
func parseGoal(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 {
		return usualGoal
	}
	return min(n, mostGoal)
}

// cookie lets a browser remember the voter; age below 0 has it forget.
func (v voter) cookie(age int) *http.Cookie {
	return &http.Cookie{
		Name: voterCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(v.Name)) + "." + strconv.Itoa(v.Goal),
		Path: "/vote", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}
