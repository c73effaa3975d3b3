package web

import (
	"errors"
	"fmt"

	"openarena/pipeline"
)

var votePage = page{name: "vote", path: "/vote", title: "Vote", still: true, uses: []string{"vote.js"}, make: makeVote}

// voting is what the page of a voter shows. Nothing in it depends on whose the answers are, or on what judges say of them.
type voting struct {
	Voter   voter  // "": a name is asked for
	Asked   string // the name that was given, and cannot be one
	Most    int    // characters of a name
	Notice  notice
	Done    int // pairs with a vote
	Pool    int // pairs there are
	Ticket  string
	Acts    int // that can be undone
	Skipped int // pairs
	Prompt  []messageShown
	Sides   []panel // left and right; none: there is no pair
	Raw     bool
	Summary *summary // in place of a pair
}

// panel is one answer before a voter.
type panel struct {
	Name string
	Text *passage
}

// summary is what a voter is told at the end of a session.
type summary struct {
	Judges []pipeline.JudgeVotes // none: there are too few votes
	Least  int                   // votes that are enough
	More   int                   // further pairs that are offered
}

// leastSummary is how many votes there must be before a voter is told how they agree with judges: no single one shows through.
const leastSummary = 10

func makeVote(v *visit) (any, error) {
	who, ok := parseVoter(v.cookie(voterCookie))
	if !ok {
		m := voting{Voter: voter{Goal: usualGoal}, Most: pipeline.MaxVoter, Asked: v.query.Get("voter")}
		if _, err := pipeline.VoterName(m.Asked); v.query.Has("voter") && err != nil {
			m.Notice = notice{Bad: true, Text: err.Error()}
		}
		return m, nil
	}
	pool, err := v.booth.battles(v)
	if err != nil {
		return nil, err
	}
	votes, err := pipeline.VotesOf(v, v.look, who.Name)
	if err != nil {
		return nil, err
	}
	s := v.booth.sitter(who.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := voting{
		Voter: who, Most: pipeline.MaxVoter, Notice: s.notice, Done: pool.Done(votes), Pool: pool.Len(),
		Raw: v.query.Get("raw") != "", Acts: len(s.past), Skipped: len(s.skipped),
	}
	if s.pair == nil && m.Done >= min(who.Goal, m.Pool) && m.Done > 0 {
		m.Summary = &summary{Least: leastSummary, More: min(usualGoal, m.Pool-m.Done)}
		if m.Done >= leastSummary {
			m.Summary.Judges = pool.Agreement(votes)
		}
	} else if err := m.lay(v, s, pool, votes); err != nil {
		return nil, err
	}
	s.notice = notice{} // told once
	return m, nil
}

// lay puts the next pair before the voter, the one that lies there already first. Its answers are read anew: a pair of which one
// was made anew meanwhile is passed over.
func (m *voting) lay(v *visit, s *sitter, pool *pipeline.VotePool, votes pipeline.Votes) error {
	gone := map[pipeline.VoteOn]bool{}
	for {
		if s.pair == nil {
			i, ok := pool.Next(m.Voter.Name, votes, func(on pipeline.VoteOn) bool { return s.skipped[on] || gone[on] })
			if !ok {
				return nil
			}
			p := pool.Pair(i)
			s.pair = &p
		}
		t, err := s.pair.Texts(v, v.look)
		if err == nil {
			m.show(v, *s.pair, t, votes)
			return nil
		}
		if !errors.Is(err, pipeline.ErrAnswerChanged) {
			return err
		}
		gone[s.pair.VoteOn], s.pair = true, nil
	}
}

func (m *voting) show(v *visit, p pipeline.Pair, t pipeline.PairTexts, votes pipeline.Votes) {
	turned := v.booth.turned(m.Voter.Name, p)
	m.Ticket = v.booth.seal(ticket{p.Slip("", m.Voter.Name, votes.Sequence(p.VoteOn)), turned})
	for _, x := range t.Messages {
		m.Prompt = append(m.Prompt, messageShown{x.Role, newVoted(x.Content)})
	}
	left, right := t.A, t.B
	if turned {
		left, right = right, left
	}
	m.Sides = []panel{{"Left", newVoted(left)}, {"Right", newVoted(right)}}
}

// A voter sees more of a text than who looks at a battle: they are to judge it, and its address, which would lead to the rest, names
// the model.
const (
	mostVoted      = 1 << 20 // bytes
	mostVotedLines = 20_000
)

func newVoted(text string) *passage { return cutPassage(text, nil, mostVoted, mostVotedLines) }

// Place says where a voter is, for who hears the page rather than sees it.
func (m voting) Place() string {
	return fmt.Sprintf("Pair %d of %d", m.Done+1, max(m.Done+1, min(m.Voter.Goal, m.Pool)))
}

// Further is the goal of who goes on.
func (m voting) Further() int { return m.Done + m.Summary.More }
