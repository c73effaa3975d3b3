package pipeline

import "fmt"

// noLogprobs is why a judge of the protocol logprob cannot go on: its server would say the same of every battle.
func (j *judgeStage) noLogprobs(cause error) error {
	return fmt.Errorf("protocol: logprob needs to be told how likely each token was: %w. Use a server and model that tell top_logprobs "+
		"(vLLM, llama.cpp and Ollama do, reasoning models hardly ever), ask for fewer with params: {top_logprobs: 5}, or take protocol: verdict3. "+
		"What it said so far is put back with `openarena redo --judge %q` and `openarena failures --retry`", cause, j.name)
}
