package standings

import (
	"fmt"
	"math"
	"strings"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// Sentences say what the ratings are and what they rest on, and then what else a reader must know.
func Sentences(board *rating.Leaderboard) []string {
	all := []string{What(board)}
	all = append(all, board.Notes...)
	if text := Effects(board); text != "" {
		all = append(all, text+" The column without is the rating without control.")
	}
	for _, text := range []string{Tied(board), Circle(board)} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

// What names the method, what its interval rests on, and how much it has seen.
func What(board *rating.Leaderboard) string {
	if board.Permutations == 0 {
		return Method(board) + "."
	}
	return fmt.Sprintf("%s; mean Elo and its standard deviation over %s of the battles.", Method(board), count(board.Permutations, "random order"))
}

// Method is that without mean Elo, and without a full stop.
func Method(board *rating.Leaderboard) string {
	over := count(board.Battles, "battle")
	if board.Prompts > 0 || board.Battles == 0 {
		over += " on " + count(board.Prompts, "prompt")
	}
	if board.Method == rating.Elo {
		return fmt.Sprintf("Elo rating, one pass over %s in their order", over)
	}
	return fmt.Sprintf("Bradley-Terry rating with 95 %% interval (%s) over %s", restsOn(board.Interval), over)
}

// restsOn is what intervals rest on, in words.
func restsOn(interval string) string {
	switch interval {
	case "clustered", "bootstrap":
		return interval + " by prompt"
	}
	return interval
}

// Effects says what beside the models decides battles, in points of rating.
func Effects(board *rating.Leaderboard) string {
	var parts []string
	for _, e := range board.Effects {
		if e.Points == nil {
			continue
		}
		per, unit := 1.0, "for one standard deviation"
		switch {
		case e.Name == rating.Position:
			unit = "for the one shown first"
		case board.Standardized:
		case e.Name == "length":
			per, unit = twice, "for an answer twice as long"
		default:
			per, unit = twice, "for an answer with twice as many"
		}
		parts = append(parts, fmt.Sprintf("%s %s ± %.0f %s", e.Name, Signed(per**e.Points), per**e.SE, unit))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("Controlled, in points of rating ± standard error: %s.", strings.Join(parts, "; "))
}

// twice is how much of an effect is seen where one answer has twice as much of it: (2-1)/(2+1).
const twice = 1.0 / 3

// Signed is a number of points with its sign.
func Signed(x float64) string {
	switch text := fmt.Sprintf("%.0f", math.Abs(x)); {
	case text == "0":
		return text
	case x < 0:
		return "−" + text
	default:
		return "+" + text
	}
}

const (
	mostTies  = 5  // groups that a sentence lists; --json has all
	mostNamed = 4  // members of a group that are all named
	mostNeeds = 3  // neighbours that a sentence lists; --pairs has all
	mostCycle = 12 // models among which a circle tells something; among many there always is one
)

// Tied says which models cannot be told apart, and what it would take; "" where all can.
func Tied(board *rating.Leaderboard) string {
	if len(board.Tied) == 0 {
		return ""
	}
	var groups []string
	for _, t := range board.Tied {
		if n := len(t.Models); n > mostNamed {
			groups = append(groups, fmt.Sprintf("the %d from %s to %s", n, t.Models[0], t.Models[n-1]))
		} else {
			groups = append(groups, rating.Enumerate(t.Models, n))
		}
	}
	text := "Statistically tied: " + abridged(groups, mostTies, "more group") + "."
	if needs := neighbours(board.Tied); len(needs) > 0 {
		text += " To tell neighbours apart it would take about " + abridged(needs, mostNeeds, "other pair") + "."
	}
	return text
}

// neighbours is how many more battles would tell each tied model from the next.
func neighbours(ties []rating.Tie) (needs []string) {
	seen := map[string]bool{} // groups overlap
	for _, t := range ties {
		for k, n := range t.Needed {
			pair := t.Models[k] + " and " + t.Models[k+1]
			if n == nil || seen[pair] {
				continue
			}
			seen[pair] = true
			more := terminal.Count(int64(About(*n)))
			if len(seen) == 1 {
				more = count(About(*n), "more battle")
			}
			needs = append(needs, more+" of "+pair)
		}
	}
	return needs
}

// About is n rounded up to two digits: what is an order of magnitude shall not look like more.
func About(n int) int {
	unit := 1
	for n > 99*unit {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// abridged joins the first few parts and counts the rest, each of which is called that.
func abridged(parts []string, most int, rest string) string {
	if n := len(parts) - most; n > 0 {
		parts = append(parts[:most:most], "and "+count(n, rest))
	}
	return strings.Join(parts, "; ")
}

// Circle tells of models that beat each other in turn; "" where none do.
func Circle(board *rating.Leaderboard) string {
	if len(board.Cycle) == 0 || len(board.Ratings) > mostCycle {
		return ""
	}
	return fmt.Sprintf("In a circle each took more points from the next than it gave, which ratings cannot show: %s, and %s again.",
		strings.Join(board.Cycle, ", "), board.Cycle[0])
}

// count is a number with its noun, which takes an s unless there is exactly one.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return terminal.Count(int64(n)) + " " + noun
}
