// Package elo turns battles into ratings: sequential Elo, and Bradley-Terry by maximum likelihood with intervals.
// It is pure mathematics and knows nothing of models, judges or stores: contestants are numbers from 0.
package elo

// Battle is one comparison.
type Battle struct {
	A, B    int32
	Cluster int32   // battles of one prompt share it; they are not independent
	Score   float64 // points of A, from 0 (lost) over 0.5 (tie) to 1 (won)
	Weight  float64 // > 0
}
