package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openarena/providers"
)

// few are the tokens that an answer may have: enough for a small object.
const few = 48

// mostRefits is how many settings of a request may be found to be unknown, one call each.
const mostRefits = 4

func (x exam) check() string {
	if x.Judge {
		return "judge"
	}
	return "model"
}

// ask has each model answer once.
func (p *patient) ask(ctx context.Context) {
	for _, x := range p.exams() {
		if ctx.Err() != nil {
			return
		}
		f := Finding{Check: x.check(), Model: x.Name}
		switch {
		case p.denied:
			f.State, f.Says = Skipped, "not asked: the key is refused"
			p.find(f)
		case p.lacks[x.ID]:
			p.find(p.lacking(f, x.ID))
		case !p.NoCalls:
			p.examine(ctx, x, f)
		case p.knows(x.ID) && p.names != nil:
			f.State, f.Says = OK, "the server lists "+x.ID
			p.find(f)
		case p.names == nil:
			f.State, f.Says = Skipped, "not asked"
			p.find(f)
		default:
			f.State = Failed
			f.Says, f.Todo = p.unlisted(x.ID)
			f.Reason = providers.ReasonModel
			p.find(f)
		}
	}
}

// talk is one exam on its way.
type talk struct {
	exam
	request providers.Request
	rung    string
	tries   int
}

func (p *patient) examine(ctx context.Context, x exam, f Finding) {
	t := talk{exam: x, request: providers.Request{Model: x.ID, Params: brief(x.Params), Messages: question(x)}}
	if x.structured {
		t.climb(cmp.Or(strings.ReplaceAll(x.Rung, "auto", ""), providers.RungSchema))
	}
	for {
		p.report.Calls++
		reply, err := p.client.Chat(ctx, &t.request)
		if err == nil {
			p.learn(reply.Rates)
			p.answered(&t, f, reply)
			return
		}
		e, ok := errors.AsType[*providers.Error](err)
		if !ok { // ctx ended
			f.State, f.Says = Skipped, "interrupted"
			p.find(f)
			return
		}
		p.learn(e.Rates)
		if !t.refit(e) {
			p.refused(x, f, e)
			return
		}
	}
}

// climb asks for another form of the reply.
func (t *talk) climb(rung string) {
	t.rung = rung
	t.request.Format = providers.FormatOf(rung, "verdict", small)
}

// refit changes the request as a run would after this failure; false: there is nothing to change.
func (t *talk) refit(e *providers.Error) bool {
	if t.tries++; e.Class != providers.Unsupported || t.tries > mostRefits {
		return false
	}
	if e.Param == "response_format" {
		next, down := providers.RungBelow(t.rung)
		if t.Rung != "auto" || !down {
			return false
		}
		t.climb(next)
		return true
	}
	if e.Param == providers.ParamContext {
		return true // its context is larger now
	}
	adapt, learnt := t.request.Adapt.Learn(e)
	t.request.Adapt = adapt
	return learnt
}

// dropped are settings that the server does not know.
func (t *talk) dropped() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(t.request.Adapt)) {
		if t.request.Adapt[name] == "" {
			names = append(names, name)
		}
	}
	return names
}

var small = json.RawMessage(`{"type":"object","properties":{"verdict":{"type":"string","enum":["A","B"]}},"required":["verdict"],"additionalProperties":false}`)

func question(x exam) []providers.Message {
	ask := "Reply with the word yes."
	if x.structured {
		ask = `Which letter comes first in the alphabet, A or B? Reply in JSON and with nothing else: {"verdict": "A"} or {"verdict": "B"}.`
	}
	messages := []providers.Message{{Role: "user", Content: ask}}
	if x.System != "" {
		messages = append([]providers.Message{{Role: "system", Content: x.System}}, messages...)
	}
	return messages
}

// lengths are the names under which params bound an answer; efforts those that need room to think.
var (
	lengths = []string{"max_tokens", "max_completion_tokens", "max_output_tokens"}
	efforts = []string{"thinking", "reasoning", "reasoning_effort"}
)

// brief are a model's params for a short answer. One that is told how hard to think keeps its room: less may be refused.
func brief(params map[string]any) map[string]any {
	short := maps.Clone(params)
	if short == nil {
		short = map[string]any{}
	}
	has := func(name string) bool { _, there := params[name]; return there }
	if slices.ContainsFunc(efforts, has) {
		return short
	}
	bounded := false
	for _, name := range lengths {
		if has(name) {
			short[name], bounded = few, true
		}
	}
	if !bounded {
		short["max_tokens"] = few
	}
	return short
}

// refused puts a failed call down. What passes by itself is a warning: a run waits for it.
func (p *patient) refused(x exam, f Finding, e *providers.Error) {
	switch {
	case e.Reason == providers.ReasonBadKey:
		p.denied = true
		p.failed(Finding{Check: "key"}, e)
		f.State, f.Says = Skipped, "the key is refused"
		p.find(f)
		return
	case e.Reason == providers.ReasonLoading, e.Class == providers.Overloaded:
		f.State, f.Todo = Warning, "a run waits for it"
		if e.After > 0 {
			f.Todo += fmt.Sprintf(": it asks for %v", e.After)
		}
	case e.Reason == providers.ReasonTimeout:
		f.Todo = "a model that is being loaded may need longer: look again"
	case e.Reason == providers.ReasonUnsupported && e.Param == "response_format":
		f.Todo = "write structured: auto, which asks for less where a server does not know it"
	}
	p.failed(f, e)
}

// answered puts an answer down.
func (p *patient) answered(t *talk, f Finding, reply *providers.Reply) {
	if !p.keyed && !p.Key.Empty() && p.Auth != "none" {
		p.find(Finding{Check: "key", State: OK, Says: "accepted"})
		p.keyed = true
	}
	if f.State = OK; !p.knows(t.ID) {
		f.State = Warning
		f.Says, f.Todo = p.unlisted(t.ID)
		f.Says += ", but "
	}
	f.Says += fmt.Sprintf("answers in %v", rounded(reply.Took))
	if !providers.SameModel(t.ID, reply.Model) {
		f.State = Warning
		f.Says += fmt.Sprintf(" as %q", reply.Model)
		f.Todo = cmp.Or(f.Todo, "a server with one model may ignore the name: check model_id")
	}
	if t.structured {
		p.held(t, &f, reply)
	} else if reply.Text == "" && reply.Finish != providers.FinishLength {
		f.State, f.Says, f.Todo = Warning, f.Says+", with an empty text", "have it answer a prompt of yours: run --limit 1, then show"
	}
	if dropped := t.dropped(); len(dropped) > 0 {
		f.State = Warning
		f.Says += "; the server does not know " + strings.Join(dropped, ", ")
		f.Todo = cmp.Or(f.Todo, "remove it from params, or leave it: a run leaves it out")
	}
	p.count(reply.Usage)
	p.find(f)
}

// held adds how a judge's reply keeps to the form that it was asked for.
func (p *patient) held(t *talk, f *Finding, reply *providers.Reply) {
	var verdict struct {
		Verdict string `json:"verdict"`
	}
	is := json.Unmarshal([]byte(strings.TrimSpace(reply.Text)), &verdict) == nil
	switch {
	case t.rung == providers.RungText:
		f.Says += "; structured output: none, it is asked in text"
	case is && (t.rung == providers.RungObject || verdict.Verdict == "A" || verdict.Verdict == "B"):
		f.Says += "; structured output: " + t.rung
	case reply.Finish == providers.FinishLength:
		f.Says += fmt.Sprintf("; structured output: %s is taken, the reply was cut at %d tokens", t.rung, few)
	default:
		f.State = Warning
		f.Says += "; structured output: " + t.rung + " is taken and not kept to"
		f.Todo = cmp.Or(f.Todo, "replies are read all the same, with more that cannot be: see `judge --report` after some of them")
	}
}

func (p *patient) learn(r providers.Rates) {
	if r.Told() {
		p.rates = r
	}
}

func (p *patient) count(u providers.Usage) {
	p.report.Usage.Input += u.Input
	p.report.Usage.Output += u.Output
}
