package fleet

import (
	"testing"

	"openarena/configs"
)

// A published file is read by who has none of the variables of its store's URL.
func TestStoreIsElsewhere(t *testing.T) {
	const rest = "\ndefault_endpoint: {url: \"${SERVER}\"}\nmodels: [{name: A, model_id: a}, {name: B, model_id: b}]\n" +
		"judge_model: {name: Judge, model_id: judge}\ndatasets: [{path: p.txt}]\n"
	for _, store := range []string{
		`store: {url: "${STORE}"}`, "store:\n  url: ${STORE}", `store: {url: '${STORE}?search_path=${RUN}'}`,
		"store:\n    url: postgres://ann:${PASSWORD}@${HOST}/arena # here", `store: {path: arena.db}`,
	} {
		asks := func(string) (string, bool) { return unknown, true }
		if _, err := configs.Parse("arena.yaml", []byte(store+rest), elsewhere(store+rest, asks)); err != nil {
			t.Errorf("%s: %v", store, err)
		}
		works := func(name string) (string, bool) { return "http://localhost", name == "SERVER" }
		if _, err := configs.Parse("arena.yaml", []byte(store+rest), elsewhere(store+rest, works)); err != nil {
			t.Errorf("%s, of a worker: %v", store, err)
		}
		none := func(string) (string, bool) { return "", false }
		if _, err := configs.Parse("arena.yaml", []byte(store+rest), elsewhere(store+rest, none)); err == nil {
			t.Errorf("%s: SERVER is not missed", store)
		}
	}
}
