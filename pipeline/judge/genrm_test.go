package judge

import (
	"testing"

	"openarena/configs"
	"openarena/providers"
)

func TestParseGenRM(t *testing.T) {
	check(t, genrm{}, providers.FinishStop, []reading{
		{"much better", `{"score_1": 5, "score_2": 1, "ranking": 1}`, "A>>B 10 1 json"},
		{"better", `{"score_1": 4, "score_2": 3, "ranking": 2}`, "A>B 7.75 5.5 json"},
		{"slightly better", `{"score_1": 3, "score_2": 3, "ranking": 3}`, "A>B 5.5 5.5 json"},
		{"the second slightly better", `{"score_1": 3, "score_2": 3.5, "ranking": 4}`, "B>A 5.5 6.625 json"},
		{"the second much better", "Here:\n```json\n{\"score_1\": \"1\", \"score_2\": 5, \"ranking\": 6}\n```", "B>>A 1 10 json"},
		{"the ranking alone", `{"ranking": 5}`, "B>A - - json"},
		{"thoughts before", "<think>{\"ranking\": 1}</think>{\"score_1\":2,\"score_2\":4,\"ranking\":5}", "B>A 3.25 7.75 json"},
		{"scores against the ranking", `{"score_1": 1, "score_2": 5, "ranking": 2}`, "A>B 1 10 json contradiction"},
		{"the last one counts", `{"score_1":5,"score_2":1,"ranking":1} {"score_1":2,"score_2":4,"ranking":5}`, "B>A 3.25 7.75 json conflict"},

		{"between two answers there is no rank", `{"score_1": 3, "score_2": 3, "ranking": 3.5}`, "invalid no_verdict"},
		{"off the scale", `{"score_1": 3, "score_2": 3, "ranking": 7}`, "invalid out_of_range"},
		{"scores off the scale", `{"score_1": 8, "score_2": 3, "ranking": 2}`, "invalid out_of_range"},
		{"no ranking", `{"score_1": 5, "score_2": 3}`, "invalid no_verdict"},
		{"two rankings", `{"ranking": 1, "ranking": 6}`, "invalid conflict"},
		{"another protocol's reply", "[[A>B]]", "invalid no_verdict"},
	})
}

func TestGoldenGenRM(t *testing.T) {
	c := conversation
	c.Rubric = &configs.Rubric{Criteria: []configs.Criterion{{Name: "truth", Weight: 1}}, Ties: "allow"}
	golden(t, "genrm.conversation", genrm{}.Ask(c, Settings{}))
}

// There is no turn that asks for the verdict alone: such a model knows one form of question.
func TestGenRMIsAskedAfresh(t *testing.T) {
	q := genrm{}.Ask(plainCase, Settings{})
	got, params := (Reask{Kind: FollowUp}).Apply(q, map[string]any{"temperature": 0.0}, Reply{Text: "Well."})
	if len(got.Messages) != len(q.Messages) || params["temperature"] != freshTemperature {
		t.Errorf("after a reply without a verdict %d messages are sent at %v; want the same %d at %v",
			len(got.Messages), params["temperature"], len(q.Messages), freshTemperature)
	}
}
