package web

import "openarena/pipeline/rating"

var leaderboard = page{name: "leaderboard", path: "/{$}", title: "Leaderboard", make: makeLeaderboard}

func makeLeaderboard(v *visit) (any, error) {
	return kept(v, "leaderboard", func() (*rating.Leaderboard, error) { return v.arena.Rate(v, v.look) })
}
