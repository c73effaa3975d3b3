package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"openarena/internal/testkit/tty"
)

// audience is who looks at what the program prints: a terminal, and files that are looked at later.
type audience struct {
	*folder
	commands *atomic.Int64
}

func newAudience(t *testing.T, commands *atomic.Int64) *audience {
	a := &audience{bareFolder(t), commands}
	a.env["TERM"], a.env["CI"] = "xterm-256color", ""
	return a
}

// sees runs a command on a terminal, and fails the test on whatever reaches it and is not the program's own. It returns what
// was printed.
func (a *audience) sees(marks tty.Marks, args ...string) string {
	a.t.Helper()
	a.commands.Add(1)
	cmd := exec.CommandContext(a.t.Context(), "openarena", args...)
	cmd.Dir, cmd.Env = a.dir, a.environ()
	printed, err := tty.Run(cmd, 250, 60)
	if errors.Is(err, tty.ErrNone) {
		a.t.Skip(err)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	for _, f := range tty.Foreign(printed, marks) {
		a.t.Errorf("openarena %q sends a terminal %s", args, f)
	}
	if len(printed) == 0 {
		a.t.Errorf("openarena %q prints nothing", args)
	}
	return string(printed)
}

// reads is sees, and then runs the command once more into files: what people read is as clean there. JSON and rows are data,
// and exact; TestBytes looks at those.
func (a *audience) reads(args ...string) string {
	a.t.Helper()
	printed := a.sees(0, args...)
	_, stdout, stderr := a.try(args...)
	a.commands.Add(1)
	for _, f := range tty.Foreign([]byte(stdout+stderr), 0) {
		a.t.Errorf("openarena %q writes into a file %s", args, f)
	}
	return printed
}

// printable are the payloads that can be an argument.
func printable() (all []string) {
	for _, p := range tty.Payloads() {
		if !strings.Contains(p, "\x00") {
			all = append(all, p)
		}
	}
	return all
}

// TestTerminal puts payloads wherever texts come from, and runs every command over them on a terminal.
func TestTerminal(t *testing.T) {
	t.Parallel()
	var commands atomic.Int64
	t.Run("places", func(t *testing.T) {
		for name, place := range map[string]func(*audience){
			"prompts, answers, explanations": inTexts, "names of models": inNames, "what servers say": inErrors,
			"arguments": inArguments, "arena.yaml": inYAML, "names of files": inFiles,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				place(newAudience(t, &commands))
			})
		}
	})
	t.Attr("figure", fmt.Sprintf("payloads: %d, commands: %d, control characters that got through: 0", len(tty.Payloads()), commands.Load()))
}

func inTexts(a *audience) {
	m := &mirror{explanations: tty.Payloads()}
	a.env["URL"] = m.start(a.t)
	var rows strings.Builder
	for i, p := range append(tty.Payloads(), strings.Join(tty.Payloads(), "\n")) {
		fmt.Fprintf(&rows, "{\"prompt\": %s, \"topic\": %s}\n", jsonString(fmt.Sprintf("P%d %s", i, p)), jsonString(p))
	}
	a.write("prompts.jsonl", rows.String())
	a.write("arena.yaml", `default_endpoint: {url: "${URL}"}
models: [{name: Echo, model_id: echo}, {name: Twin, model_id: twin}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.jsonl, category_field: topic}]
`)
	a.sees(tty.Moves, "run")
	for _, args := range [][]string{
		{"status"}, {"rate"}, {"plan"}, {"failures"}, {"validate"}, {"show"}, {"peek", "prompts.jsonl"}, {"db", "check"}, {"db", "stats"},
	} {
		a.reads(args...)
	}
	for _, args := range [][]string{
		{"show", "--json"}, {"peek", "--json", "prompts.jsonl"}, {"db", "dump"}, {"export"}, {"export", "--format", "json"},
		{"export", "--format", "csv"}, {"export", "--type", "battles"}, {"export", "--type", "battles", "--format", "csv"}, {"status", "--json"},
	} {
		a.sees(0, args...)
	}
	all := a.promptWith(fmt.Sprintf("P%d ", len(tty.Payloads())))
	printed := a.reads("show", all)
	if !strings.Contains(printed, `\x1b]52;c;cm0gLXJmIC8=\x07`) || strings.Count(printed, `\x1b`) < len(tty.Payloads()) {
		a.t.Errorf("show does not write the payloads out:\n%.1000s", printed)
	}
	a.env["NO_COLOR"] = ""
	for _, args := range [][]string{{"show", all}, {"rate"}, {"status"}} {
		a.sees(tty.Styles, args...)
	}
}

// promptWith is the hash of the prompt that begins so.
func (a *audience) promptWith(begin string) string {
	a.t.Helper()
	for line := range strings.Lines(a.openarena("db", "dump")) {
		var rec struct {
			Bucket, Prompt string
			Messages       []struct{ Content string }
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			a.t.Fatal(err)
		}
		if rec.Bucket == "prompts" && strings.HasPrefix(rec.Messages[0].Content, begin) {
			return rec.Prompt
		}
	}
	a.t.Fatalf("no prompt begins with %q", begin)
	return ""
}

func inNames(a *audience) {
	m := &mirror{explanations: []string{"so"}}
	a.env["URL"] = m.start(a.t)
	var models strings.Builder
	for i, p := range tty.Payloads() {
		fmt.Fprintf(&models, "  - {name: %s, model_id: m%d, answers: {path: answers.jsonl, prompt_field: prompt, field: text}}\n",
			strconv.QuoteToASCII(fmt.Sprintf("N%d %s", i, p)), i)
	}
	a.write("arena.yaml", "default_endpoint: {url: \"${URL}\"}\nmodels:\n"+models.String()+
		"judge_model: {name: \"\\e]0;J\\a\\u009b2J\", model_id: judge}\njudging: {pairs: circular}\ndatasets: [{path: prompts.txt}]\n")
	a.write("prompts.txt", "one\n")
	a.write("answers.jsonl", `{"prompt": "one", "text": "An answer."}`+"\n")
	a.sees(tty.Moves, "run")
	for _, args := range [][]string{{"status"}, {"rate"}, {"plan"}, {"show"}, {"validate"}, {"doctor"}} {
		printed := a.reads(args...)
		for i := range tty.Payloads() {
			if args[0] != "validate" && args[0] != "doctor" && !strings.Contains(printed, fmt.Sprintf("N%d ", i)) {
				a.t.Errorf("openarena %s lacks the model N%d", args[0], i)
			}
		}
	}
	a.sees(0, "export", "--type", "ratings", "--format", "csv")
	a.sees(0, "rate", "--json")
	a.sees(0, "judge", "--reparse")
	a.sees(0, "judge", "--reparse", "--json")
	a.env["NO_COLOR"] = ""
	a.sees(tty.Styles, "rate")
}

// inErrors has a server say payloads in every place that is told to users.
func inErrors(a *audience) {
	payloads := tty.Payloads()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var i int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d/", &i); err != nil {
			http.NotFound(w, r)
			return
		}
		sayHostile(w, r, i%5, payloads[i])
	}))
	s.Config.ErrorLog = quiet()
	s.Start()
	a.t.Cleanup(s.Close)
	a.env["URL"] = s.URL
	var endpoints, models strings.Builder
	for i, p := range payloads {
		fmt.Fprintf(&endpoints, "  %s: {url: \"${URL}/%d/v1\"}\n", strconv.QuoteToASCII(fmt.Sprintf("e%d %s", i, p)), i)
		fmt.Fprintf(&models, "  - {name: M%d, model_id: m%d, endpoint: %s}\n", i, i, strconv.QuoteToASCII(fmt.Sprintf("e%d %s", i, p)))
	}
	a.write("arena.yaml", "endpoints:\n"+endpoints.String()+"models:\n"+models.String()+
		"judge_model: {name: Judge, model_id: judge}\njudging: {pairs: circular}\ndatasets: [{path: prompts.txt}]\n")
	a.write("prompts.txt", "one\n")
	a.sees(tty.Moves, "generate")
	for _, args := range [][]string{{"failures"}, {"status"}, {"plan"}, {"doctor"}} {
		a.reads(args...)
	}
	a.sees(0, "failures", "--json")
	_, _, said := a.try("generate") // lines in place of bars
	for _, f := range tty.Foreign([]byte(said), 0) {
		a.t.Errorf("openarena generate writes into a file %s", f)
	}
}

func sayHostile(w http.ResponseWriter, r *http.Request, kind int, payload string) {
	switch {
	case r.Method == http.MethodGet:
		fmt.Fprintf(w, `{"data":[{"id":%s}]}`, jsonString(payload))
	case kind == 0:
		always(400, `{"error":{"message":`+jsonString(payload)+`,"code":`+jsonString(payload)+`}}`)(w, r, 1)
	case kind == 1:
		always(401, payload, "Content-Type", "text/plain")(w, r, 1)
	case kind == 2:
		always(404, `{"error":{"message":`+jsonString("no such model "+payload)+`}}`)(w, r, 1)
	case kind == 3:
		always(307, "", "Location", "http://elsewhere"+payload+"/v1")(w, r, 1)
	default:
		always(422, `{"detail":[{"loc":["body",`+jsonString(payload)+`],"msg":`+jsonString(payload)+`}]}`)(w, r, 1)
	}
}

func inArguments(a *audience) {
	a.write("arena.yaml", unchangedArena)
	a.write("prompts.txt", "one\n")
	a.env["URL"], a.env["KEY"] = "http://127.0.0.1:1/v1", ""
	shapes := []func(p string) []string{
		func(p string) []string { return []string{"validate", "-c", p} },
		func(p string) []string { return []string{"peek", "x" + p} },
		func(p string) []string { return []string{"show", "x" + p} },
		func(p string) []string { return []string{"export", "--type", p} },
		func(p string) []string { return []string{"export", "-o", p + "/x"} },
		func(p string) []string { return []string{"run", "--model", p} },
		func(p string) []string { return []string{"db", "check", "--db", p} },
		func(p string) []string { return []string{"x" + p} },
		func(p string) []string { return []string{"status", "--x" + p} },
		func(p string) []string { return []string{"status", "x" + p} },
		func(p string) []string { return []string{"init", "--example", p} },
		func(p string) []string { return []string{"run", "--limit", p} },
		func(p string) []string { return []string{"db", "x" + p} },
	}
	for i, p := range printable() {
		a.sees(0, shapes[i%len(shapes)](p)...)
	}
}

func inYAML(a *audience) {
	rest := "\njudge_model: {name: J, model_id: j}\ndatasets: [{path: prompts.txt}]\n"
	a.write("prompts.txt", "one\n")
	shapes := []string{
		"P: 1", "models: P", "models: [{name: P, model_id: a}, {name: P, model_id: b}]", "default_endpoint: {url: \"P\"}\nmodels: [{name: A, model_id: a}]",
		"QUOTED: 1", "models: [{name: A, model_id: a, endpoint: QUOTED}]", "models: [{name: QUOTED, model_id: a}, {name: QUOTED, model_id: b}]",
		"models: [{name: A, model_id: a, params: {QUOTED: .inf}}]", "models: [{name: \"${P}\", model_id: a}]", "models: [{name: A, model_id: a, QUOTED: 1}]",
		"models: [{name: A, model_id: a}]\nstore: {path: QUOTED, P: 1}",
	}
	for i, p := range tty.Payloads() {
		name := fmt.Sprintf("%d.yaml", i)
		a.write(name, strings.NewReplacer("P", p, "QUOTED", strconv.QuoteToASCII("q"+p)).Replace(shapes[i%len(shapes)])+rest)
		a.sees(0, "validate", "-c", name)
	}
	a.sees(0, "validate", "--json", "-c", "0.yaml")
}

func inFiles(a *audience) {
	for i, p := range printable() {
		name := filepath.Join(fmt.Sprintf("%02d", i) + strings.ReplaceAll(p, "/", "_"))
		a.write(name[:min(len(name), 200)]+".jsonl", "{\"prompt\": \"one\"}\n[]\n")
	}
	a.write("arena.yaml", `models: [{name: A, model_id: a}, {name: B, model_id: b}]
judge_model: {name: J, model_id: j}
datasets: [{path: "[0-9]*.jsonl"}]
`)
	for _, args := range [][]string{{"plan"}, {"peek", "[0-9]*.jsonl"}, {"status"}, {"validate"}} {
		a.reads(args...)
	}
	for i := range 10 { // one file at a time, so that each is named
		a.reads("peek", fmt.Sprintf("%d[0-9]*.jsonl", i%7))
	}
}
