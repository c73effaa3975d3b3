package main

// The arena that all changes start from: 8 prompts × 3 models, 3 pairs in both orders, so 24 answers and 48 judgments.
// Alpha may say so little that some of its answers are cut off.
const (
	unchangedArena = `default_endpoint: {url: "${URL}", api_key: "${KEY}", concurrency: 8, timeout: 1m}
models:
  - {name: Alpha, model_id: alpha, params: {max_tokens: 31}}
  - {name: Beta, model_id: beta, system: Be brief.}
  - {name: Gamma, model_id: gamma, params: {temperature: 1}}
judges:
  - {name: Judge, model_id: judge, params: {temperature: 0}}
datasets: [{path: prompts.txt}]
export:
  - {type: ranked, path: ranked.jsonl}
  - {type: battles, format: csv, path: battles.csv}
  - {type: ratings, format: json, path: ratings.json}
`
	unchangedPrompts = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
)

var changedExports = []string{"ranked.jsonl", "battles.csv", "ratings.json"}

// calls are what a server counts, by the name of the model or judge.
type calls map[string]int64

// sum is all of them.
func (c calls) sum() (n int64) {
	for _, m := range c {
		n += m
	}
	return n
}

// change is one edit of a finished arena, and what it may cost.
type change struct {
	id       string // of the fault on the scoreboard
	why      string
	edits    []string // pairs of what stands in arena.yaml or prompts.txt, and what is put in its place
	key      string   // the API key from then on; "": as before
	args     []string // of plan and run, beside
	want     calls    // nil: none
	reuse    int64    // of the 72 records
	rated    string   // names on the leaderboard, sorted; "": as before
	sameRows bool     // of ranked, in whatever order
	same     bool     // every export is as before, byte for byte
}

// changes are all that are tried; cut is how many of Alpha's answers were cut off.
func changes(cut int64) []change {
	return []change{
		{id: "T25", why: "a model is renamed", edits: []string{"name: Gamma", "name: Ceres"}, reuse: 72, rated: "Alpha Beta Ceres"},
		{id: "T25", why: "a judge is renamed", edits: []string{"name: Judge", "name: Jury"}, reuse: 72},
		{id: "T26", why: "another model_id", edits: []string{"model_id: gamma", "model_id: gamma-2"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T26", why: "another revision", edits: []string{"model_id: gamma", "model_id: gamma, revision: q4"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T26", why: "a model moves to a server that nobody has started", edits: []string{"model_id: gamma", "model_id: gamma, endpoint: {url: http://127.0.0.1:1/v1}"}, reuse: 72, same: true},
		{id: "T26", why: "all move there", edits: []string{"${URL}", "http://127.0.0.1:1/v1"}, reuse: 72, same: true},
		{id: "T27", why: "a sampling parameter", edits: []string{"temperature: 1}", "temperature: 1.5}"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "one more parameter", edits: []string{"temperature: 1}", "temperature: 1, seed: 7}"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "the same number written otherwise", edits: []string{"temperature: 1}", "temperature: 1.0}"}, reuse: 72, same: true},
		{id: "T27", why: "the system message", edits: []string{"Be brief.", "Be long."}, want: calls{"Beta": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "a second sample", edits: []string{"model_id: gamma", "model_id: gamma, samples: 2"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 72},
		{id: "T28", why: "max_tokens is raised", edits: []string{"max_tokens: 31", "max_tokens: 64"}, want: calls{"Alpha": 8, "Judge": 32}, reuse: 32},
		{
			id: "T28", why: "max_tokens is raised, and what had ended by itself is kept", edits: []string{"max_tokens: 31", "max_tokens: 64"},
			args: []string{"--reuse", "finished"}, want: calls{"Alpha": cut, "Judge": 32}, reuse: 32 + 8 - cut,
		},
		{id: "T29", why: "a prompt is edited", edits: []string{"three\n", "third\n"}, want: calls{"Alpha": 1, "Beta": 1, "Gamma": 1, "Judge": 6}, reuse: 63},
		{id: "T29", why: "a prompt is added", edits: []string{"eight\n", "eight\nnine\n"}, want: calls{"Alpha": 1, "Beta": 1, "Gamma": 1, "Judge": 6}, reuse: 72},
		{id: "T30", why: "a prompt is removed", edits: []string{"three\n", ""}, reuse: 63},
		{id: "T30", why: "half of the prompts are left out", edits: []string{"path: prompts.txt", "path: prompts.txt, limit: 4"}, reuse: 36},
		{id: "T31", why: "a model is added", edits: []string{"judges:", "  - {name: Delta, model_id: delta}\njudges:"}, want: calls{"Delta": 8, "Judge": 48}, reuse: 72, rated: "Alpha Beta Delta Gamma"},
		{id: "T32", why: "a model is removed", edits: []string{"  - {name: Beta, model_id: beta, system: Be brief.}\n", ""}, reuse: 32, rated: "Alpha Gamma"},
		{id: "T33", why: "another judge", edits: []string{"model_id: judge", "model_id: judge-2"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "the judge's parameters", edits: []string{"temperature: 0", "temperature: 0.5"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "the judge's system message", edits: []string{"model_id: judge", "model_id: judge, system: Be fair."}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "what the judge writes before its verdict", edits: []string{"model_id: judge", "model_id: judge, analysis: none"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "another protocol", edits: []string{"model_id: judge", "model_id: judge, protocol: scores"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "a second judge", edits: []string{"datasets:", "  - {name: Other, model_id: judge-2}\ndatasets:"}, want: calls{"Other": 48}, reuse: 72},
		{id: "T33", why: "how much is asked of the judge beside", edits: []string{"model_id: judge", "model_id: judge, reask: 5, max_invalid_rate: 0.9"}, reuse: 72, same: true},
		{id: "T33", why: "fewer battles", edits: []string{"datasets:", "judging: {pairs: {baseline: Alpha}}\ndatasets:"}, reuse: 56},
		{id: "T33", why: "one order in place of both", edits: []string{"datasets:", "judging: {orders: fixed}\ndatasets:"}, reuse: 48},
		{id: "T35", why: "the API key is rotated", key: "second", reuse: 72, same: true},
		{id: "T35", why: "limits and timeouts", edits: []string{"concurrency: 8, timeout: 1m", "concurrency: 2, timeout: 3m, idle_timeout: 5s"}, reuse: 72, same: true},
		{id: "T36", why: "prompts are said twice", edits: []string{"eight\n", "eight\none\ntwo\ntwo\n"}, reuse: 72, same: true},
		{id: "T36", why: "prompts in another order", edits: []string{unchangedPrompts, "eight\none\nseven\ntwo\nsix\nthree\nfive\nfour\n"}, reuse: 72, sameRows: true},
		{id: "T36", why: "two datasets hold the same prompts", edits: []string{"{path: prompts.txt}", "{path: prompts.txt}, {path: prompts.txt, limit: 4}"}, reuse: 72, same: true},
	}
}
