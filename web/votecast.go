package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openarena/pipeline"
)

// says are what a voter can say with a pair before them: from the side of the answer on the left.
var says = map[string]struct{ left, right, words string }{
	"left":  {pipeline.SaysA, pipeline.SaysB, "left is better"},
	"right": {pipeline.SaysB, pipeline.SaysA, "right is better"},
	"tie":   {pipeline.SaysTie, pipeline.SaysTie, "both are good"},
	"bad":   {pipeline.SaysBothBad, pipeline.SaysBothBad, "both are bad"},
}

// castVote takes what a voter did: a choice, a skip, an undo, or a wish for more. What came of it stands on the page that
// follows.
func castVote(s *Site, w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(voterCookie)
	if err == nil {
		if who, ok := parseVoter(c.Value); ok {
			s.act(w, r, who)
		}
	}
	toVote(w, r)
	return nil
}

// toVote leads back to the page, in the form that it was in.
func toVote(w http.ResponseWriter, r *http.Request) {
	to := "/vote"
	if r.PostFormValue("raw") != "" {
		to += "?raw=1"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// act does what was asked for, and notes what came of it.
func (s *Site) act(w http.ResponseWriter, r *http.Request, who voter) {
	at := s.booth.sitter(who.Name)
	do := r.PostFormValue("do")
	var text string
	var err error
	switch do {
	case "undo":
		text, err = s.undo(r, at)
	case "again":
		at.mu.Lock()
		clear(at.skipped)
		at.mu.Unlock()
		return
	case "more":
		who.Goal = parseGoal(r.PostFormValue("goal"))
		http.SetCookie(w, who.cookie(cookieAge))
		return
	default:
		text, err = s.choose(r, at, who, do)
	}
	n := notice{Text: text}
	if err != nil {
		n = notice{Bad: true, Text: err.Error()}
		if _, known := says[do]; known && !settles(err) {
			n = notice{true, fmt.Sprintf("Your vote, that %s, is not saved yet: %v", says[do].words, err), do}
		}
	}
	at.mu.Lock()
	at.notice = n
	at.mu.Unlock()
}

// settles reports whether the same vote need not be tried again.
func settles(err error) bool {
	return errors.Is(err, errTicket) || errors.Is(err, pipeline.ErrAnswerChanged) || errors.Is(err, pipeline.ErrVotedAlready)
}

// choose saves a vote, or skips a pair.
func (s *Site) choose(r *http.Request, at *sitter, who voter, do string) (string, error) {
	t, err := s.booth.open(r.PostFormValue("pair"), who.Name)
	if err != nil {
		return "", err
	}
	p, err := t.Slip.Pair()
	if err != nil {
		return "", err
	}
	if do == "skip" {
		at.did(act{pair: p})
		return "Skipped.", nil
	}
	said, ok := says[do]
	if !ok {
		return "", fmt.Errorf("%q is nothing that can be said of two answers", do)
	}
	if t.Slip.Says = said.left; t.Turned {
		t.Slip.Says = said.right
	}
	err = s.save(r, t.Slip)
	switch {
	case errors.Is(err, pipeline.ErrAnswerChanged):
		at.leave(p)
		return "", fmt.Errorf("%w, so your vote was not saved; here is the next pair", err)
	case errors.Is(err, pipeline.ErrVotedAlready):
		at.leave(p)
		return "", fmt.Errorf("%w, and the later one stands; “undo” takes back your last vote", err)
	case err != nil:
		return "", err
	}
	at.did(act{p, &t.Slip})
	return "Saved: " + said.words + ".", nil
}

func (s *Site) save(r *http.Request, slip pipeline.VoteSlip) error {
	a, err := s.source.Arena()
	if err != nil {
		return err
	}
	return s.source.Vote(r.Context(), a, slip)
}

// did notes an act, unless it is one that a browser sent twice.
func (s *sitter) did(a act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveLocked(a.pair)
	if a.vote == nil {
		if s.skipped[a.pair.VoteOn] {
			return
		}
		s.skipped[a.pair.VoteOn] = true
	}
	if n := len(s.past); n > 0 && a.vote != nil && s.past[n-1].vote != nil && *s.past[n-1].vote == *a.vote {
		return
	}
	if s.past = append(s.past, a); len(s.past) > mostPast {
		s.past = s.past[1:]
	}
}

// leave has another pair shown.
func (s *sitter) leave(p pipeline.Pair) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveLocked(p)
}

func (s *sitter) leaveLocked(p pipeline.Pair) {
	if s.pair != nil && s.pair.VoteOn == p.VoteOn {
		s.pair = nil
	}
}

// undo takes back the last act, and puts its pair before the voter again. The page says how many acts it knew of, so that what a
// browser sends twice undoes once.
func (s *Site) undo(r *http.Request, at *sitter) (string, error) {
	at.undoing.Lock()
	defer at.undoing.Unlock()
	known, err := strconv.Atoi(r.PostFormValue("acts"))
	last, n := at.last()
	if err == nil && known > n {
		return undone, nil
	}
	if n == 0 || err != nil || known < n {
		return "", errors.New("there is nothing to undo since this server was started")
	}
	text := "Back at the pair that was skipped."
	if last.vote != nil {
		slip := *last.vote
		slip.Says, slip.Sequence = pipeline.SaysWithdrawn, slip.Sequence+1
		if err := s.save(r, slip); err != nil && !errors.Is(err, pipeline.ErrVotedAlready) { // which is gone already
			return "", fmt.Errorf("your last vote still counts: %w", err)
		}
		text = undone
	}
	at.undid(last)
	return text, nil
}

// last is the last act, and how many there are.
func (s *sitter) last() (a act, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n = len(s.past); n > 0 {
		a = s.past[n-1]
	}
	return a, n
}

// undid forgets an act, and has its pair shown.
func (s *sitter) undid(a act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = slices.DeleteFunc(s.past, func(b act) bool { return b == a })
	delete(s.skipped, a.pair.VoteOn)
	s.pair = &a.pair
}

const undone = "Your last vote is taken back; here is its pair again."

// cookieAge is a year, in seconds.
const cookieAge = 365 * 24 * 60 * 60

// enroll has a browser remember who votes, or forget it.
func enroll(s *Site, w http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("do") == "leave" {
		http.SetCookie(w, voter{}.cookie(-1))
		toVote(w, r)
		return nil
	}
	name, err := pipeline.VoterName(r.PostFormValue("voter"))
	if err != nil { // the page says so, and shows it again
		shown := []rune(r.PostFormValue("voter"))
		http.Redirect(w, r, siteHref("/vote", "voter", string(shown[:min(len(shown), 2*pipeline.MaxVoter)])), http.StatusSeeOther)
		return nil
	}
	http.SetCookie(w, voter{name, parseGoal(r.PostFormValue("goal"))}.cookie(cookieAge))
	toVote(w, r)
	return nil
}
