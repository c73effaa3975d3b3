package scoreboard

// changes: what a changed configuration repeats and what it keeps. In each, plan says beforehand what the server then
// counts, every record that was there stays, and changing back costs no call and brings back every byte of the exports.
var changes = []Row{
	{
		ID: "T25", Fault: "a model or judge is renamed",
		Holds: "no call; the leaderboard shows the new name", Tests: []string{"cmd/openarena TestChanges/T25"},
	},
	{
		ID: "T26", Fault: "another model_id or revision; another address of the same model",
		Holds: "that model's answers and battles, nothing else; a move of the server: no call", Tests: []string{"cmd/openarena TestChanges/T26"},
	},
	{
		ID: "T27", Fault: "a sampling parameter, the system message, the number of samples",
		Holds: "that model's answers and battles; the old ones are kept; 1 and 1.0 are the same", Tests: []string{"cmd/openarena TestChanges/T27"},
	},
	{
		ID: "T28", Fault: "max_tokens is raised",
		Holds: "that model anew; with --reuse finished only the answers that had been cut off",
		Tests: []string{"cmd/openarena TestChanges/T28", "pipeline TestReuseFinished"},
	},
	{
		ID: "T29", Fault: "a prompt is edited or added",
		Holds: "that prompt only", Tests: []string{"cmd/openarena TestChanges/T29"},
	},
	{
		ID: "T30", Fault: "a prompt is removed",
		Holds: "no call; it leaves ratings and exports, its records stay", Tests: []string{"cmd/openarena TestChanges/T30"},
	},
	{
		ID: "T31", Fault: "a model is added",
		Holds: "its answers and its battles", Tests: []string{"cmd/openarena TestChanges/T31"},
	},
	{
		ID: "T32", Fault: "a model is removed",
		Holds: "no call; the others are rated without it", Tests: []string{"cmd/openarena TestChanges/T32"},
	},
	{
		ID: "T33", Fault: "another judge, protocol, parameter or wording; fewer battles",
		Holds: "that judge's verdicts, no answer; fewer battles: no call", Tests: []string{"cmd/openarena TestChanges/T33"},
	},
	{
		ID: "T34", Fault: "a newer program reads judges' replies otherwise",
		Holds: "verdicts are made anew from the stored replies, no call", Tests: []string{"cmd/openarena TestChangedParser", "pipeline TestReread"},
	},
	{
		ID: "T35", Fault: "the API key is rotated; other limits and timeouts",
		Holds: "no call; the exports are the same bytes", Tests: []string{"cmd/openarena TestChanges/T35"},
	},
	{
		ID: "T36", Fault: "prompts twice, in another order, or worked on in another order",
		Holds: "one answer serves duplicates; rows follow the file, whatever came first",
		Tests: []string{"cmd/openarena TestChanges/T36", "cmd/openarena TestOrderOfWorkLeavesNoTrace"},
	},
}
