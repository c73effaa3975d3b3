package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"openarena/configs"
	"openarena/pipeline/judge"
	"openarena/providers"
)

// Contestant is a model of the file with its identity.
type Contestant struct {
	configs.Model
	ID         ID
	Definition []byte // the canonical JSON that ID is the hash of
	Place      int    // in the file
}

// Judge is a judge of the file with its identity.
type Judge struct {
	configs.Judge
	ID         ID
	Definition []byte
	Place      int
	protocol   judge.Protocol
}

// newContestant takes over from the file what makes a contestant the same one: model_id, revision, system message and
// params; of a file contestant its model_id (else its name) and revision.
func newContestant(m configs.Model, place int) (Contestant, error) {
	definition := map[string]any{"model_id": m.ModelID, "revision": m.Revision}
	switch {
	case m.Answers != nil:
		if m.ModelID == "" {
			definition["model_id"] = m.Name
		}
		definition["file"] = true
	default:
		definition["system"] = m.System
		definition["params"] = m.Params
	}
	text, err := canonical(definition)
	if err != nil {
		return Contestant{}, fmt.Errorf("model %q: %w", m.Name, err)
	}
	return Contestant{Model: m, ID: sum[ID](text), Definition: text, Place: place}, nil
}

// newJudge adds to its model what changes a judge's words or their meaning.
func newJudge(j configs.Judge, place int) (Judge, error) {
	protocol, err := judge.Lookup(j.Protocol)
	if err != nil {
		return Judge{}, fmt.Errorf("judge %q: %w", j.Name, err)
	}
	text, err := canonical(map[string]any{
		"model_id": j.ModelID, "revision": j.Revision, "system": j.System, "params": j.Params,
		"protocol": j.Protocol, "version": protocol.Version(), "analysis": j.Analysis,
	})
	if err != nil {
		return Judge{}, fmt.Errorf("judge %q: %w", j.Name, err)
	}
	return Judge{Judge: j, ID: sum[ID](text), Definition: text, Place: place, protocol: protocol}, nil
}

// promptHash is the hash of the messages' canonical JSON, and that JSON.
func promptHash(messages []providers.Message) (Hash, []byte, error) {
	text, err := encode(messages)
	if err != nil {
		return Hash{}, nil, err
	}
	return sum[Hash](text), text, nil
}

// canonical is JSON with sorted keys, in which 1 and 1.0 are the same and empty parts are left out.
func canonical(v map[string]any) ([]byte, error) {
	normal, err := normalise(v)
	if err != nil {
		return nil, err
	}
	return encode(normal)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func normalise(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			n, err := normalise(value)
			if err != nil {
				return nil, err
			}
			if m, ok := n.(map[string]any); n == nil || n == "" || ok && len(m) == 0 {
				continue
			}
			out[key] = n
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			n, err := normalise(value)
			if err != nil {
				return nil, err
			}
			out[i] = n
		}
		return out, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no number that can be sent", v)
		}
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return json.Number(strconv.FormatInt(int64(v), 10)), nil
		}
		return v, nil
	case int64, uint64, int, string, bool, nil:
		return v, nil
	}
	return nil, fmt.Errorf("a value of type %T", v)
}

// explain is what a judge gave as its reason.
func (j *Judge) explain(words reply, messages []providers.Message, first, second string) string {
	return j.protocol.Parse(words.judged(), judge.Case{Messages: messages, First: first, Second: second}).Explanation
}
