package pipeline

import (
	"errors"
	"testing"

	"openarena/store"
)

// What leans on a lost record goes; what stands by itself stays.
func TestMend(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open(ctx, t.TempDir()+"/arena.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key := func(order uint8) VerdictKey {
		return VerdictKey{Prompt: Hash{1}, A: Side{Contestant: ID{1}}, B: Side{Contestant: ID{2}}, Judge: ID{3}, Order: order}
	}
	kept, lost, trivial := key(0), key(1), key(0)
	trivial.Prompt = Hash{2}
	var b store.Batch
	b.Put(store.Datasets, listingKey(kindManifest, ID{7}, nil), nil, []byte("{}"))
	b.Put(store.Datasets, listingKey(kindMember, ID{7}, make([]byte, hashSize)), nil, nil)
	b.Put(store.Meta, fileKey(ID{8}), nil, []byte("{}"))
	b.PutOnce(store.Judgments, kept.attempt(1), nil, []byte("words"))
	b.Put(store.Verdicts, kept.bytes(), verdict{Attempts: 1}.meta(), nil)
	b.Put(store.Verdicts, lost.bytes(), verdict{Attempts: 1}.meta(), nil)
	b.Put(store.Verdicts, trivial.bytes(), verdict{Attempts: 0}.meta(), nil)
	if _, err := db.Apply(ctx, &b); err != nil {
		t.Fatal(err)
	}
	n, err := Mend(ctx, db)
	if err != nil || n != 1 {
		t.Fatalf("Mend = %d, %v; want 1 verdict taken away", n, err)
	}
	for _, test := range []struct {
		why    string
		bucket store.Bucket
		key    []byte
		stays  bool
	}{
		{"a verdict with its words stays", store.Verdicts, kept.bytes(), true},
		{"a verdict without its words goes", store.Verdicts, lost.bytes(), false},
		{"a verdict that needed no call stays", store.Verdicts, trivial.bytes(), true},
		{"words are never taken away", store.Judgments, kept.attempt(1), true},
		{"a dataset is read again", store.Datasets, listingKey(kindManifest, ID{7}, nil), false},
		{"its rows stay", store.Datasets, listingKey(kindMember, ID{7}, make([]byte, hashSize)), true},
		{"a file of answers is read again", store.Meta, fileKey(ID{8}), false},
	} {
		_, err := db.Get(ctx, test.bucket, test.key, store.KeyOnly)
		if errors.Is(err, store.ErrNotFound) == test.stays {
			t.Errorf("%s; Get = %v", test.why, err)
		}
	}
}
