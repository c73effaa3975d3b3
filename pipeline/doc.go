// Package pipeline closes the gap between what an arena wants and what its database has.
//
// An [Arena] is a configuration seen as work: prompts × contestants × samples are the answers it wants, pairs × judges ×
// orders the judgments. [Arena.Sync] brings the prompts in, a [Runner] asks for what is missing, [Arena.Rate] and the
// exports read what is there. There is no queue on disk and no flag that says "finished": wanted minus done, found by
// walking keys in order, is the plan. So a run may die at any moment, and the next one goes on.
//
// Everything is keyed by content (see key.go), never by display names: a renamed model repeats nothing.
package pipeline
