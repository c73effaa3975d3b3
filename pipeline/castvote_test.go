package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"openarena/store"
)

// A vote finds its way whoever has the database: nobody, a run, an older run, or a command that takes no orders.
func TestSendVote(t *testing.T) {
	a, db := judgedPair(t, 1)
	h, _, _ := promptHash(oneTurn(question(0)))
	path := db.Path()
	slip := func(says, voter string) VoteSlip {
		answer := func(i int, name string) SlipAnswer {
			return slipAnswer(Side{Contestant: a.Contestants[i].ID}, textDigest(name+" answers "+question(0)))
		}
		return VoteSlip{h.String(), answer(0, "A"), answer(1, "B"), says, voter, 0}
	}
	var alone sync.Mutex
	// The database that judgedPair opened takes no orders: it is waited for.
	if err := castOnce(t.Context(), store.File(path), slip(SaysA, "ann"), &alone); !errors.Is(err, store.ErrNoOrders) || !inTheWay(err) {
		t.Errorf("while a command has the database: %v; want one that is waited for", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := SendVote(t.Context(), store.File(path), slip(SaysA, "ann"), &alone); err != nil {
		t.Errorf("while nobody has the database: %v", err)
	}
	wrong := slip(SaysA, "ann")
	wrong.A.Text = wrong.B.Text[:8] + wrong.A.Text[8:]
	for _, c := range []struct {
		why     string
		control func(context.Context, []byte) ([]byte, error)
		slip    VoteSlip
		err     error
	}{
		{"through a run", nil, slip(SaysB, "bob"), nil},
		{"through a run, the same once more", nil, slip(SaysB, "bob"), nil},
		{"through a run, another in its place", nil, slip(SaysA, "bob"), ErrVotedAlready},
		{"through a run, on another text", nil, wrong, ErrAnswerChanged},
		{"an older run", func(context.Context, []byte) ([]byte, error) {
			return json.Marshal(map[string]any{"refusal": `this run knows no "vote"; it may be of another version of openarena`, "code": 2})
		}, slip(SaysA, "cid"), errOldRun},
		{"a run that is just starting, then one that is not", startingRun(), slip(SaysA, "dan"), nil},
	} {
		var db *store.DB
		control := c.control
		if control == nil {
			control = func(ctx context.Context, order []byte) ([]byte, error) {
				if len(order) > 1000 {
					t.Errorf("an order of %d bytes", len(order))
				}
				var d Directive
				if err := json.Unmarshal(order, &d); err != nil {
					return nil, err
				}
				return json.Marshal(TakeVote(ctx, db, d.Vote))
			}
		}
		db, err := store.Open(t.Context(), path, store.Options{Command: "openarena run", Control: control})
		if err != nil {
			t.Fatal(err)
		}
		if err := SendVote(t.Context(), store.File(path), c.slip, &alone); !errors.Is(err, c.err) {
			t.Errorf("%s: %v; want %v", c.why, err, c.err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, _ := exportVotes(t, a, r)
	if strings.Count(text, "\n") != 2 || !strings.Contains(text, `"voter":"ann"`) || !strings.Contains(text, `"winner":"b","voter":"bob"`) {
		t.Errorf("stored is %s", text)
	}
}

// startingRun asks for patience once.
func startingRun() func(context.Context, []byte) ([]byte, error) {
	var asked sync.Once
	return func(ctx context.Context, _ []byte) ([]byte, error) {
		reply := VoteReply{Vote: voteSaved}
		asked.Do(func() { reply = TakeVote(ctx, nil, nil) })
		return json.Marshal(reply)
	}
}

// A vote that cannot wait any longer says who is in the way.
func TestSendVoteGivesUp(t *testing.T) {
	_, db := judgedPair(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	gate := &cancelling{cancel: cancel}
	if err := SendVote(ctx, store.File(db.Path()), VoteSlip{}, gate); err == nil || gate.tries == 0 {
		t.Errorf("SendVote = %v after %d tries; want who is in the way", err, gate.tries)
	}
}

// cancelling is a lock that ends the patience of who takes it the second time.
type cancelling struct {
	sync.Mutex
	cancel context.CancelFunc
	tries  int
}

func (c *cancelling) Lock() {
	c.Mutex.Lock()
	if c.tries++; c.tries == 2 {
		c.cancel()
	}
}
