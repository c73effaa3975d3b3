package pipeline

import (
	"bytes"
	"strings"
	"testing"

	"openarena/configs"
)

func TestParseShard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want Shard // zero: refused
	}{
		{"1/1", Shard{1, 1}},
		{"3/64", Shard{3, 64}},
		{"64/64", Shard{64, 64}},
		{"0/64", Shard{64, 64}}, // arrays that count from 0
		{"65/64", Shard{}},
		{"-1/64", Shard{}},
		{"1/0", Shard{}},
		{"1/65537", Shard{}},
		{"3", Shard{}},
		{"/3", Shard{}},
		{"1/2/3", Shard{}},
		{"", Shard{}},
	} {
		if got, err := ParseShard(test.text); got != test.want || (err == nil) != (test.want != Shard{}) {
			t.Errorf("ParseShard(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

// TestShardsCoverAll: each hash lies in exactly one shard.
func TestShardsCoverAll(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 7, 64, 1000, MostShards} {
		var next Hash // that no shard has had yet
		for i := 1; i <= n; i++ {
			s := Shard{i, n}.span()
			if s.from != next || bytes.Compare(s.to[:], s.from[:]) <= 0 {
				t.Fatalf("shard %d/%d is %x to %x; want it to begin at %x", i, n, s.from, s.to, next)
			}
			if !s.holds(s.from) || !s.holds(s.to) {
				t.Fatalf("shard %d/%d lacks the first or the last hash of its own", i, n)
			}
			next = s.to
			for at := len(next) - 1; at >= 0; at-- {
				if next[at]++; next[at] != 0 {
					break
				}
			}
		}
		if next != (Hash{}) {
			t.Errorf("%d shards end before %x; want them to end with the last hash", n, next)
		}
	}
}

func TestShardShares(t *testing.T) {
	t.Parallel()
	e := configs.Endpoint{Name: "gpu", Concurrency: 10, RPM: 500, TPM: 7}
	c := &configs.Config{
		Models: []configs.Model{{Endpoint: e}}, Judges: []configs.Judge{{Model: configs.Model{Endpoint: e}}},
		Budget: configs.Budget{MaxCost: 1, MaxCalls: 100, MaxTokens: 1<<62 + 1, MaxTime: 5},
	}
	var rpm, tpm, slots int
	var calls, tokens int64
	var cost float64
	for i := 1; i <= 7; i++ {
		got, err := Shard{i, 7}.share(c)
		if err != nil {
			t.Fatal(err)
		}
		of := got.Models[0].Endpoint
		if judged := got.Judges[0].Endpoint; judged.RPM != of.RPM {
			t.Errorf("shard %d/7: a judge has rpm %d; want that of the model, %d", i, judged.RPM, of.RPM)
		}
		rpm, tpm, slots = rpm+of.RPM, tpm+of.TPM, slots+of.Concurrency
		calls, tokens, cost = calls+got.Budget.MaxCalls, tokens+got.Budget.MaxTokens, cost+got.Budget.MaxCost
		if got.Budget.MaxTime != 5 {
			t.Errorf("shard %d/7 has max_time %d; want all of it, 5", i, got.Budget.MaxTime)
		}
	}
	if rpm != 500 || tpm != 7 || slots != 10 || calls != 100 || tokens != 1<<62+1 {
		t.Errorf("all shares are rpm %d, tpm %d, concurrency %d, calls %d, tokens %d; want what is stated", rpm, tpm, slots, calls, tokens)
	}
	if cost > 1 || cost < 1-1e-7 {
		t.Errorf("all shares cost %v; want 1 or hardly less", cost)
	}
	if c.Models[0].Endpoint.RPM != 500 || c.Budget.MaxCalls != 100 {
		t.Errorf("share changed what the file says: rpm %d, calls %d", c.Models[0].Endpoint.RPM, c.Budget.MaxCalls)
	}
	_, err := Shard{1, 8}.share(c)
	if err == nil || !strings.Contains(err.Error(), "gpu: tpm: 7 is for all 8 shards") || strings.Count(err.Error(), "tpm") != 1 {
		t.Errorf("a share of 7/8 = %v; want an error that names tpm once", err)
	}
	c.Budget.MaxCost = 1e-9
	if _, err = (Shard{7, 7}).share(c); err == nil || !strings.Contains(err.Error(), "max_cost") {
		t.Errorf("a share of a billionth of a dollar = %v; want an error about max_cost", err)
	}
}
