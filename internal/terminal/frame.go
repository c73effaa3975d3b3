package terminal

import "slices"

const (
	mostEndpoints = 8
	mostRanks     = 10
)

// frame lays out s for a terminal of width x height: at most height-1 lines of at most width-1 columns, so that nothing
// ever wraps or scrolls. What it must give up it gives up in this order: blank lines, ranking, endpoints, finished
// stages.
func frame(s Snapshot, width, height int, p Palette) []string {
	width, room := max(1, width-1), max(1, height-1)
	foot := []string{p.Dim(summary(s, width))}
	if s.Message != "" {
		foot = append(foot, p.Yellow(Truncate(SanitizeLine(s.Message), width)))
	}
	foot = foot[:min(len(foot), room)]
	lines := stageLines(mostUrgent(s.Stages, room-len(foot)), width, p)
	spare := room - len(lines) - len(foot)
	endpoints, ranks := divide(spare, len(s.Endpoints), len(s.Ranking))
	for _, section := range [][]string{
		endpointLines(s.Endpoints, width, endpoints, p),
		rankingLines(s.Ranking, width, ranks, p),
	} {
		if len(section) > 0 && len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, section...)
	}
	if endpoints+ranks > 0 && len(lines)+len(foot) < room {
		lines = append(lines, "")
	}
	return append(lines, foot...)
}

// mostUrgent returns at most room stages in their order; finished ones go first.
func mostUrgent(stages []Stage, room int) []Stage {
	if len(stages) <= room {
		return stages
	}
	open := slices.DeleteFunc(slices.Clone(stages), Stage.complete)
	if len(open) == 0 {
		open = stages
	}
	return open[:min(len(open), max(0, room))]
}

// divide gives spare lines to endpoints and ranking, neither more than half of them as long as the other wants them, but
// the last one to an endpoint. A section costs one more line, the blank above it.
func divide(spare, endpoints, ranks int) (int, int) {
	endpoints, ranks = min(endpoints, mostEndpoints), min(ranks, mostRanks)
	reserve := 0
	if ranks > 0 {
		reserve = min(ranks+1, spare/2)
	}
	endpoints = max(0, min(endpoints, max(min(1, spare-1), spare-1-reserve)))
	if endpoints > 0 {
		spare -= endpoints + 1
	}
	return endpoints, max(0, min(ranks, spare-1))
}
