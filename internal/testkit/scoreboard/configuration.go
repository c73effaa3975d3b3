package scoreboard

// configuration: mistakes in arena.yaml. All of a file are told at once, each with line, column, the line itself and what
// to write; exit code 2.
var configuration = []Row{
	{
		ID: "T70", Fault: "an unknown key, a wrong type, a key twice, a tab, a number too large, a bracket left open",
		Holds: "every problem with its place, in plain words, and what was probably meant",
		Tests: []string{"cmd/openarena TestBadConfigurations", "configs TestBadFiles", "configs/internal/tree TestReadFaults"},
	},
	{
		ID: "T71", Fault: "what YAML readers let pass: -1, 1.5 into a whole number, true into a text, a second document, bytes that are not UTF-8",
		Holds: "nothing is rounded, converted or left out in silence", Tests: []string{"configs TestBadFiles", "configs/internal/tree TestParseFloat"},
	},
	{
		ID: "T72", Fault: "a variable that is not set, two models of one name, no model, a bad URL, a name that is not there; a file made to take for ever",
		Holds: "every problem at once; no file takes longer than its bounds allow",
		Tests: []string{"configs TestBadFiles", "configs/internal/tree TestReadHostile"},
	},
	{
		ID: "T73", Fault: "a secret beside a mistake, in a URL, in a variable, in a file that cannot be parsed",
		Holds: "no message and no excerpt shows it",
		Tests: []string{"configs TestExcerptHidesSecrets", "configs TestNoMessageShowsSecrets", "configs TestBadFiles"},
	},
}
