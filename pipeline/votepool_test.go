package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"openarena/store"
)

// lottery is a pool of battles with what a crowd would say of each: the first judge agrees with it the less the more open the
// battle is.
func lottery(draw *rand.Rand, sizes [battleKinds]int, agree [battleKinds]float64) (p *VotePool, crowd map[VoteOn]choice) {
	p, crowd = &VotePool{arena: &Arena{Judges: make([]Judge, 1)}}, map[VoteOn]choice{}
	for k, n := range sizes {
		for i := range n {
			var h Hash
			var x, y Digest
			binary.BigEndian.PutUint64(h[:], draw.Uint64())
			binary.BigEndian.PutUint64(x[:], draw.Uint64())
			binary.BigEndian.PutUint64(y[:], draw.Uint64())
			p.prompts = append(p.prompts, h)
			p.battles = append(p.battles, votable{prompt: uint32(len(p.prompts) - 1), kind: battleKind(k), texts: [2]Digest{x, y}})
			people := choice(i % int(choices))
			says := people
			if float64(i) >= agree[k]*float64(n) {
				says = (people + 1) % choices
			}
			p.said = append(p.said, says)
			b := &p.battles[len(p.battles)-1]
			if on := p.on(b); on.First == x {
				crowd[on] = people
			} else {
				crowd[on] = people.flipped()
			}
		}
	}
	return p, crowd
}

// vote has somebody vote as the crowd does on what Next gives them.
func (p *VotePool) votes(t *testing.T, voter string, n int, crowd map[VoteOn]choice) Votes {
	t.Helper()
	votes := Votes{}
	for range n {
		i, ok := p.Next(voter, votes, func(VoteOn) bool { return false })
		if !ok {
			t.Fatalf("%d battles, and no next one after %d votes", p.Len(), len(votes))
		}
		on := p.Pair(i).VoteOn
		if votes.Voted(on) {
			t.Fatal("a battle is put before a voter twice")
		}
		votes[on] = lastVote{vote: vote{voteSubject: voteSubject{Prompt: on.Prompt, First: on.First, Second: on.Second}, saying: saying{Choice: crowd[on]}}}
	}
	return votes
}

// Voters see battles on which judges differ more often than others; what their votes say of all battles is still right on
// average, and the plain share of agreement is not.
func TestNextIsUnbiased(t *testing.T) {
	sizes, agree := [battleKinds]int{disputed: 10, unsure: 20, certain: 70}, [battleKinds]float64{disputed: 0.4, unsure: 0.6, certain: 0.9}
	truth := (10*0.4 + 20*0.6 + 70*0.9) / 100
	const rounds, votes = 150, 18
	draw := rand.New(rand.NewPCG(3, 4))
	var sum, squares, plain float64
	for round := range rounds {
		p, crowd := lottery(draw, sizes, agree)
		p.arena.Contestants = make([]Contestant, 1)
		a := p.Agreement(p.votes(t, fmt.Sprintf("voter %d", round), votes, crowd))[0]
		if a.Overall == nil || a.Agreement.N != votes || a.Overall.Battles != 100 {
			t.Fatalf("%d votes say %+v", votes, a)
		}
		sum, squares, plain = sum+a.Overall.Rate, squares+a.Overall.Rate*a.Overall.Rate, plain+*a.Agreement.Rate
	}
	mean := sum / rounds
	se := math.Sqrt((squares/rounds - mean*mean) / rounds)
	if math.Abs(mean-truth) > 4*se || se > 0.02 {
		t.Errorf("agreement on all battles is %.4f ± %.4f on average; want %.4f", mean, se, truth)
	}
	if plain/rounds > truth-0.1 {
		t.Errorf("the plain share is %.3f, and %.3f is true: votes were not drawn to where judges differ", plain/rounds, truth)
	}
}

func TestNext(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 6))
	p, crowd := lottery(draw, [battleKinds]int{disputed: 20, unsure: 40, certain: 60}, [battleKinds]float64{1, 1, 1})
	p.arena.Contestants = make([]Contestant, 1)
	ann, bob := p.votes(t, "ann", 30, crowd), p.votes(t, "bob", 30, crowd)
	if n := p.done(ann); n != [battleKinds]int{disputed: 15, unsure: 9, certain: 6} {
		t.Errorf("30 votes by kind: %v; want half, three tenths and a fifth", n)
	}
	both := 0
	for on := range ann {
		if bob.Voted(on) {
			both++
		}
	}
	if both < 8 || both > 25 {
		t.Errorf("two voters have %d of 30 battles in common; want a third and what chance adds", both)
	}
	again := p.votes(t, "ann", 30, crowd)
	for on := range ann {
		if !again.Voted(on) {
			t.Fatal("the same voter with the same votes gets other battles")
		}
	}
	if n := p.Done(p.votes(t, "ann", 120, crowd)); n != 120 {
		t.Errorf("%d of 120 battles are voted on when all are", n)
	}
	if _, ok := p.Next("ann", nil, func(VoteOn) bool { return true }); ok {
		t.Error("a battle is given that was to be left")
	}
}

// What the pool counts is what the report counts: the same battles, of the same kinds, with the same agreement.
func TestPoolIsReport(t *testing.T) {
	a := parseArena(t, t.TempDir(), reportModels, Trial{})
	pairs, pool, votes := a.pairing(), &VotePool{arena: a}, Votes{}
	r := newReporter(pairs)
	for i, c := range scenesByHand() {
		c.distinct, c.votes = byte(i+1), []string{"a", "tie", "", "b", "both bad", ""}[i]
		s, _ := c.sheet(a)
		var given []vote
		if w, ok := winners[c.votes]; ok {
			zero, _ := s.answer(Side{a.Contestants[0].ID, 0})
			one, _ := s.answer(Side{a.Contestants[1].ID, 0})
			v := newVote(s.Prompt, *zero, *one, w, "ann")
			given, votes[newVoteOn(s.Prompt, zero.Digest, one.Digest)] = []vote{v}, lastVote{vote: v}
		}
		r.see(s, given)
		pool.see(pairs, s, make([]statement, len(a.Judges)))
	}
	var kinds []battleKind
	for _, b := range pool.battles {
		kinds = append(kinds, b.kind)
	}
	if want := []battleKind{certain, disputed, disputed, unsure, disputed}; !slices.Equal(kinds, want) {
		t.Errorf("the battles are of kinds %v; want %v: the last, of equal texts, is none to vote on", kinds, want)
	}
	for i, got := range pool.Agreement(votes) {
		want := r.judges[i].human.agreement()
		if !reflect.DeepEqual(got.VoteAgreement, want) || want.Agreement.N == 0 || want.Overall == nil {
			t.Errorf("judge %s: the pool says %+v; the report %+v", got.Judge, got.VoteAgreement, want)
		}
	}
	if r.judges[0].human.agreement().Overall.Battles != 5 {
		t.Errorf("%+v", r.judges[0].human.agreement().Overall)
	}
}

func TestCastVote(t *testing.T) {
	a, db := judgedPair(t, 1)
	h, _, _ := promptHash(oneTurn(question(0)))
	answer := func(i int, text string) SlipAnswer {
		return slipAnswer(Side{Contestant: a.Contestants[i].ID}, textDigest(text))
	}
	slip := func(says string, n uint32) VoteSlip {
		return VoteSlip{h.String(), answer(0, "A answers "+question(0)), answer(1, "B answers "+question(0)), says, "ann", n}
	}
	changed, equal, sneaky := slip(SaysA, 0), slip(SaysTie, 0), slip(SaysA, 0)
	changed.A = answer(0, "something else")
	equal.B = equal.A
	sneaky.Voter = "ann\n"
	for _, c := range []struct {
		why   string
		b     VoteSlip
		err   string
		count string
	}{
		{"what cannot be said", slip("maybe", 0), "nothing that can be said", ""},
		{"a withdrawal of nothing", slip(SaysWithdrawn, 0), "there is none before", ""},
		{"a second vote without a first", slip(SaysA, 1), "there is none before", ""},
		{"another text", changed, ErrAnswerChanged.Error(), ""},
		{"one text against itself", equal, "nothing that can be said", ""},
		{"a name that import would cut", sneaky, "no name", ""},
		{"a vote", slip(SaysA, 0), "", "a"},
		{"the same once more", slip(SaysA, 0), "", "a"},
		{"another in its place", slip(SaysB, 0), ErrVotedAlready.Error(), "a"},
		{"taken back", slip(SaysWithdrawn, 1), "", ""},
		{"taken back twice", slip(SaysWithdrawn, 1), "", ""},
		{"the first once more, behind its withdrawal", slip(SaysA, 0), ErrVotedAlready.Error(), ""},
		{"another one", slip(SaysBothBad, 2), "", "both bad"},
	} {
		err := CastVote(t.Context(), db, c.b)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v; want %q", c.why, err, c.err)
		}
		text, left := exportVotes(t, a, db)
		if want := `"winner":"` + c.count + `"`; left != 0 || strings.Count(text, "\n") != min(1, len(c.count)) || c.count != "" && !strings.Contains(text, want) {
			t.Errorf("%s: exported %q, %d left; want %q", c.why, text, left, c.count)
		}
	}
	if n := strings.Count(dump(t, db), `"bucket":"votes"`); n != 3 {
		t.Errorf("%d votes are stored; want each word once: 3", n)
	}
	// What was exported is the voter's last word already; and import takes back nothing.
	text, _ := exportVotes(t, a, db)
	if n := importVotes(t, a, db, text); n != (VotesImported{Unchanged: 1}) {
		t.Errorf("importing the export: %+v", n)
	}
	closed := db
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := CastVote(t.Context(), closed, slip(SaysA, 3)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a vote into a closed database: %v", err)
	}
}

// A voter's votes are found, however often they were taken back.
func TestVotesOf(t *testing.T) {
	a, db := judgedPair(t, 2)
	line := `{"prompt": "` + question(1) + `", "model_a": "A", "model_b": "B", "winner": "both bad", "voter": "ann"}`
	importVotes(t, a, db, line+"\n"+strings.ReplaceAll(line, "ann", "bob"))
	votes, err := VotesOf(t.Context(), db, "ann")
	if err != nil || len(votes) != 1 {
		t.Fatalf("VotesOf = %+v, %v; want one", votes, err)
	}
	for on, v := range votes {
		if !votes.Voted(on) || votes.Sequence(on) != 1 || v.Mark != bothBad {
			t.Errorf("VotesOf = %+v", v)
		}
		b := Pair{on, v.sides[0], v.sides[1], [2]Digest{on.First, on.Second}}.Slip(SaysWithdrawn, "ann", 1)
		if err := CastVote(t.Context(), db, b); err != nil {
			t.Fatal(err)
		}
		if votes, err = VotesOf(t.Context(), db, "ann"); err != nil || votes.Voted(on) || votes.Sequence(on) != 2 {
			t.Errorf("after it was taken back: %+v, %v", votes, err)
		}
	}
}

func TestVoterName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"ann", "ann"}, {"  Ann B. ", "Ann B."}, {"أحمد", "أحمد"}, {"<script>", "<script>"}, {strings.Repeat("ü", MaxVoter), strings.Repeat("ü", MaxVoter)},
		{"", ""}, {" \t", ""}, {strings.Repeat("x", MaxVoter+1), ""}, {"a\nb", ""}, {"a\x00b", ""}, {"\xff", ""}, {"a\u202eb", ""}, {"a\u200bb", ""},
	} {
		if got, err := VoterName(c.name); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("VoterName(%q) = %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}
