package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"

	"openarena/providers"
	"openarena/store"
)

// Dump writes everything an arena is worth as JSON lines in key order: texts inline, no times, no ids, nothing that
// depends on when or how often a run was interrupted. Two databases with the same dump hold the same work.
func Dump(ctx context.Context, w io.Writer, r store.Reader) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, part := range []struct {
		bucket store.Bucket
		line   func(store.Record) (any, error)
	}{
		{store.Prompts, dumpPrompt},
		{store.Datasets, dumpListing},
		{store.Answers, dumpAnswer},
		{store.Judgments, dumpJudgment},
		{store.Verdicts, dumpVerdict},
		{store.Failures, dumpFailure},
		{store.Batches, dumpBatch},
		{store.Votes, dumpVote},
		{store.Retired, dumpRaw("retired")},
		{store.Totals, dumpTotal},
		{store.Meta, dumpDefinition},
	} {
		for rec, err := range r.Scan(ctx, part.bucket, store.Range{}, store.WithBody) {
			if err != nil {
				return err
			}
			line, err := part.line(rec)
			if err != nil {
				return &store.RecordError{Bucket: part.bucket, Key: bytes.Clone(rec.Key), What: err.Error()}
			}
			if line == nil {
				continue
			}
			if err := e.Encode(line); err != nil {
				return err
			}
		}
	}
	return nil
}

func dumpPrompt(rec store.Record) (any, error) {
	return struct {
		Bucket   string          `json:"bucket"`
		Prompt   string          `json:"prompt"`
		Messages json.RawMessage `json:"messages"`
	}{"prompts", hex.EncodeToString(rec.Key), bytes.Clone(rec.Body)}, nil
}

func dumpListing(rec store.Record) (any, error) {
	line := struct {
		Bucket    string `json:"bucket"`
		Version   string `json:"version"`
		Label     string `json:"label,omitempty"`
		Row       *int   `json:"row,omitempty"`
		Prompt    string `json:"prompt,omitempty"`
		Category  string `json:"category,omitempty"`
		Reference string `json:"reference,omitempty"`
	}{Bucket: "datasets"}
	if len(rec.Key) < 1+idSize {
		return nil, errKey
	}
	switch rec.Key[0] {
	case kindManifest:
		var m manifest
		if err := json.Unmarshal(rec.Body, &m); err != nil {
			return nil, err
		}
		line.Version, line.Label = hex.EncodeToString(rec.Meta), m.Label
		return line, nil
	case kindMember:
		m, err := parseMember(rec.Meta, rec.Body)
		line.Version, line.Prompt = hex.EncodeToString(rec.Key[1:1+idSize]), hex.EncodeToString(rec.Key[1+idSize:])
		line.Row, line.Category, line.Reference = &m.Row, m.Category, m.Reference
		return line, err
	}
	return nil, nil // the other kinds say the same the other way round
}

// dumpedReply is an answer or a judge's reply, without how long it took: two runs of one arena have the same dump.
type dumpedReply struct {
	Text      string `json:"text"`
	Reasoning string `json:"reasoning,omitempty"`
	Refusal   string `json:"refusal,omitempty"`
	Finish    string `json:"finish"`
	Model     string `json:"model"`
	Input     int64  `json:"input"`
	Cached    int64  `json:"cached,omitempty"`
	Output    int64  `json:"output"`
	Flags     uint8  `json:"flags,omitempty"`

	Top []providers.Alternative `json:"top_logprobs,omitempty"`
}

func dumped(rec store.Record) (dumpedReply, error) {
	r, err := parseReply(rec.Meta, rec.Body)
	return dumpedReply{
		Text: r.Text, Reasoning: r.Reasoning, Refusal: r.Refusal, Finish: r.Finish, Model: r.Model,
		Input: r.Usage.Input, Cached: r.Usage.Cached, Output: r.Usage.Output, Flags: r.Flags, Top: r.Top,
	}, err
}

func dumpAnswer(rec store.Record) (any, error) {
	key, err := parseAnswerKey(rec.Key)
	if err != nil {
		return nil, err
	}
	said, err := dumped(rec)
	return struct {
		Bucket     string `json:"bucket"`
		Prompt     string `json:"prompt"`
		Contestant string `json:"contestant"`
		Sample     uint16 `json:"sample"`
		dumpedReply
	}{"answers", key.Prompt.String(), key.Contestant.String(), key.Sample, said}, err
}

// dumpedKey is what a judgment is about.
type dumpedKey struct {
	Bucket  string `json:"bucket"`
	Prompt  string `json:"prompt"`
	A       string `json:"a"`
	SampleA uint16 `json:"sample_a"`
	B       string `json:"b"`
	SampleB uint16 `json:"sample_b"`
	Texts   string `json:"texts"`
	Judge   string `json:"judge"`
	Order   uint8  `json:"order"`
	Repeat  uint8  `json:"repeat"`
}

func dumpKey(bucket string, b []byte) (dumpedKey, error) {
	k, err := parseVerdictKey(b)
	return dumpedKey{
		bucket, k.Prompt.String(), k.A.Contestant.String(), k.A.Sample, k.B.Contestant.String(), k.B.Sample,
		hex.EncodeToString(k.Texts[:]), k.Judge.String(), k.Order, k.Repeat,
	}, err
}

func dumpJudgment(rec store.Record) (any, error) {
	if len(rec.Key) != verdictSize+1 {
		return nil, errKey
	}
	key, err := dumpKey("judgments", rec.Key[:verdictSize])
	if err != nil {
		return nil, err
	}
	said, err := dumped(rec)
	return struct {
		dumpedKey
		Attempt uint8 `json:"attempt"`
		dumpedReply
	}{key, rec.Key[verdictSize], said}, err
}

func dumpVerdict(rec store.Record) (any, error) {
	key, err := dumpKey("verdicts", rec.Key)
	if err != nil {
		return nil, err
	}
	v, err := parseVerdict(rec.Meta)
	return struct {
		dumpedKey
		State    string   `json:"state"`
		Reason   string   `json:"reason,omitempty"`
		Level    int      `json:"level"`
		ScoreA   *float64 `json:"score_first"`
		ScoreB   *float64 `json:"score_second"`
		Leaning  *float64 `json:"preference,omitempty"`
		Method   string   `json:"method"`
		Flags    []string `json:"flags,omitempty"`
		Attempts uint8    `json:"attempts"`
		Parser   uint8    `json:"parser"`
	}{key, v.State.String(), v.Reason, v.Level, v.ScoreA, v.ScoreB, v.Preference, v.Method, v.Flags, v.Attempts, v.Parser}, err
}

func dumpFailure(rec store.Record) (any, error) {
	f, err := parseFailure(rec.Meta, rec.Body)
	return struct {
		Bucket    string `json:"bucket"`
		Key       string `json:"key"`
		Permanent bool   `json:"permanent"`
		Reason    string `json:"reason"`
		Message   string `json:"message"`
	}{"failures", hex.EncodeToString(rec.Key), f.Permanent, f.Reason, f.Message}, err
}

func dumpVote(rec store.Record) (any, error) {
	key, err := parseVoteKey(rec.Key)
	if err != nil {
		return nil, err
	}
	v, err := parseVote(key.voteSubject, rec.Meta)
	return struct {
		Bucket   string `json:"bucket"`
		Prompt   string `json:"prompt"`
		A        string `json:"a"`
		SampleA  uint16 `json:"sample_a"`
		TextA    string `json:"text_a"`
		B        string `json:"b"`
		SampleB  uint16 `json:"sample_b"`
		TextB    string `json:"text_b"`
		Winner   string `json:"winner"`
		Voter    string `json:"voter"`
		Sequence uint32 `json:"sequence"`
	}{
		"votes", key.Prompt.String(), v.sides[0].Contestant.String(), v.sides[0].Sample, hex.EncodeToString(key.First[:]),
		v.sides[1].Contestant.String(), v.sides[1].Sample, hex.EncodeToString(key.Second[:]),
		v.saying.String(), string(rec.Body), key.Sequence,
	}, err
}

func dumpRaw(bucket string) func(store.Record) (any, error) {
	return func(rec store.Record) (any, error) {
		return struct {
			Bucket string `json:"bucket"`
			Key    string `json:"key"`
			Meta   string `json:"meta"`
			Body   string `json:"body"`
		}{bucket, hex.EncodeToString(rec.Key), hex.EncodeToString(rec.Meta), string(rec.Body)}, nil
	}
}

func dumpTotal(rec store.Record) (any, error) {
	if bytes.Equal(rec.Key, lostKey) || len(rec.Key) == 2+idSize && ofFailures(rec.Key[1+idSize]) {
		return nil, nil
	}
	return struct {
		Bucket string `json:"bucket"`
		Key    string `json:"key"`
		N      int64  `json:"n"`
	}{"totals", hex.EncodeToString(rec.Key), store.Counter(rec)}, nil
}

// dumpDefinition leaves out what a database has learnt: only what identities stand for is part of the work.
func dumpDefinition(rec store.Record) (any, error) {
	if len(rec.Key) != 2+idSize || rec.Key[0] != 'd' {
		return nil, nil
	}
	return struct {
		Bucket     string          `json:"bucket"`
		Kind       string          `json:"kind"`
		ID         string          `json:"id"`
		Definition json.RawMessage `json:"definition"`
	}{"definitions", string(rec.Key[1:2]), hex.EncodeToString(rec.Key[2:]), bytes.Clone(rec.Body)}, nil
}
