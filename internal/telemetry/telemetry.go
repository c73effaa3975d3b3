// Package telemetry tells of a run in the words that others use: a log of JSON lines and metrics for Prometheus, both with the
// names of OpenTelemetry's conventions for generative AI where those have one
// (https://opentelemetry.io/docs/specs/semconv/gen-ai/). No prompt, answer, verdict, key or header value is in either.
//
// [Log] and [Metrics] observe a run. Neither ever holds up a call: what cannot be written soon is counted and left out.
package telemetry

import "openarena/pipeline"

// Both are two observers.
type Both struct{ A, B pipeline.Observer }

// Called implements pipeline.Observer.
func (b *Both) Called(c pipeline.Call) { b.A.Called(c); b.B.Called(c) }

// Happened implements pipeline.Observer.
func (b *Both) Happened(e pipeline.Event) { b.A.Happened(e); b.B.Happened(e) }

// operation is gen_ai.operation.name of a protocol.
func operation(kind string) string {
	if kind == "gemini" {
		return "generate_content"
	}
	return "chat"
}

// provider is gen_ai.provider.name of a protocol: what a server speaks, whoever runs it.
func provider(kind string) string {
	switch kind {
	case "azure":
		return "azure.ai.openai"
	case "gemini":
		return "gcp.gemini"
	}
	return kind
}
