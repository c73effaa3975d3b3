// Package rating makes leaderboards of battles between named models: a [Ballot] collects battles and becomes a [Leaderboard].
// Where they come from, be it verdicts or a file, is the matter of whoever fills the ballot; the mathematics are elo's.
package rating
