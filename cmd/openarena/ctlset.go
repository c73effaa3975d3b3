package main

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/spelling"
	"openarena/pipeline"
)

const setDescription = `ENDPOINT as the file names it; where the run calls only one, it may be left out. What is not named stays as it is.

  openarena ctl set gpu concurrency=8 rpm=500 tpm=200000     auto or none takes a limit away
  openarena ctl set budget max_cost=20 max_calls=50000       also max_tokens=5000000, max_time=8h; none takes it away`

// setting is one KEY of `ctl set KEY=VALUE`.
type setting struct {
	key, allowed string
	budget       bool
	put          func(d *pipeline.Directive, value string) bool
}

var settings = []setting{
	{"concurrency", "a number of calls at once, or auto", false, func(d *pipeline.Directive, v string) bool {
		return putCount(&d.Limits.Concurrency, v, "auto")
	}},
	{"rpm", "a number of requests a minute, or none", false, func(d *pipeline.Directive, v string) bool {
		return putCount(&d.Limits.RPM, v, "none")
	}},
	{"tpm", "a number of tokens a minute, or none", false, func(d *pipeline.Directive, v string) bool {
		return putCount(&d.Limits.TPM, v, "none")
	}},
	{"max_cost", "an amount in US dollars, such as 20 or 0.5, or none", true, func(d *pipeline.Directive, v string) bool {
		usd, err := strconv.ParseFloat(v, 64)
		if v == "none" {
			usd, err = 0, nil
		} else if err == nil && !(usd > 0 && usd <= 1e12) || math.IsNaN(usd) {
			return false
		}
		d.Budget.MaxCost = &usd
		return err == nil
	}},
	{"max_calls", "a number of calls, or none", true, func(d *pipeline.Directive, v string) bool {
		return putCount(&d.Budget.MaxCalls, v, "none")
	}},
	{"max_tokens", "a number of tokens, or none", true, func(d *pipeline.Directive, v string) bool {
		return putCount(&d.Budget.MaxTokens, v, "none")
	}},
	{"max_time", "a time such as 90m or 8h, or none", true, func(d *pipeline.Directive, v string) bool {
		t, err := time.ParseDuration(v)
		if v == "none" {
			t, err = 0, nil
		} else if t <= 0 {
			return false
		}
		d.Budget.MaxTime = &t
		return err == nil
	}},
}

// putCount reads a number of 1 or more, or the word that stands for no limit.
func putCount[N int | int64](to **N, v, unlimited string) bool {
	n, err := strconv.ParseInt(v, 10, 32)
	if _, wide := any(*to).(*int64); wide {
		n, err = strconv.ParseInt(v, 10, 64)
	}
	if v == unlimited {
		n, err = 0, nil
	} else if n < 1 {
		return false
	}
	value := N(n)
	*to = &value
	return err == nil
}

// setOrder reads `[ENDPOINT] KEY=VALUE…` or `budget KEY=VALUE…`.
func setOrder(c *cli.Context) (d pipeline.Directive, err error) {
	d = pipeline.Directive{Do: pipeline.DoSet, Limits: &pipeline.Limits{}, Budget: &pipeline.Budget{}}
	words := c.Args().Slice()
	if len(words) > 0 && !strings.Contains(words[0], "=") {
		d.Endpoint, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return d, usage("ctl set needs KEY=VALUE: `openarena ctl set ENDPOINT concurrency=8`; there are %s", strings.Join(settingKeys(nil), ", "))
	}
	seen, twice := map[bool]bool{}, map[string]bool{}
	for _, w := range words {
		s, err := put(&d, w)
		if err != nil {
			return d, err
		}
		if twice[s.key] {
			return d, usage("ctl set: %s is set twice; give it once", s.key)
		}
		seen[s.budget], twice[s.key] = true, true
	}
	switch {
	case seen[true] && seen[false]:
		return d, usage("ctl set: a budget is the run's, other limits are an endpoint's; set them with two commands")
	case seen[false]:
		d.Budget = nil
		return d, nil
	case d.Endpoint != "budget" && d.Endpoint != "":
		return d, usage("ctl set %s: a budget is the run's, not an endpoint's: `openarena ctl set budget %s`", d.Endpoint, strings.Join(words, " "))
	}
	d.Limits, d.Endpoint = nil, ""
	return d, nil
}

// put reads one KEY=VALUE into d.
func put(d *pipeline.Directive, word string) (*setting, error) {
	key, value, is := strings.Cut(word, "=")
	switch {
	case !is:
		return nil, usage("ctl set: %q is no KEY=VALUE; the endpoint comes first, then what is set", word)
	}
	for i := range settings {
		s := &settings[i]
		switch {
		case s.key != key:
		case !s.put(d, value):
			return s, usage("ctl set: %s=%s: give %s", key, value, s.allowed)
		default:
			return s, nil
		}
	}
	if key == "budget" {
		return nil, usage("ctl set: a budget is the run's, and says of what: `openarena ctl set budget max_cost=%s`, or %s", value, strings.Join(settingKeys(new(true)), ", "))
	}
	return nil, usage("ctl set: there is no %q%s; there are %s", key, spelling.Hint(key, settingKeys(nil)), strings.Join(settingKeys(nil), ", "))
}

// settingKeys are all keys, or those of a budget, or those of an endpoint.
func settingKeys(budget *bool) (keys []string) {
	for _, s := range settings {
		if budget == nil || s.budget == *budget {
			keys = append(keys, s.key)
		}
	}
	return keys
}
