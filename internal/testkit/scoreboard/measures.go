package scoreboard

// measures: figures that hold over all faults.
var measures = []Row{
	{
		ID: "M1", Fault: "SIGKILL at random moments, at calls, between reply and commit, in exports",
		Holds: "no committed answer lost, changed or asked again; dump, ratings and exports byte for byte those of a calm run",
		Tests: []string{"internal/testkit/crash TestCrashLoop", "internal/testkit/crash TestHarnessCatches"},
	},
	{
		ID: "M2", Fault: "a canary key, sent in nine ways, to servers that repeat all they hear and fail in every way",
		Holds: "in no output and no file: raw, in a URL, in base64, in hex, whole or in part",
		Tests: []string{
			"cmd/openarena TestKeysStaySecret", "cmd/openarena TestKeysInBadFiles", "cmd/openarena TestKeysElsewhere", "cmd/openarena TestKeysAreFound",
			"cmd/openarena TestScripts/secrets", "providers TestNoErrorShowsASecret", "internal/testkit/canary TestFind",
		},
	},
	{
		ID: "M3", Fault: "control characters in prompts, answers, names, errors, arguments, files and arena.yaml, times every command",
		Holds: "none reaches a terminal; JSON is the same JSON", Tests: []string{
			"cmd/openarena TestTerminal", "internal/terminal TestSanitizeHostile", "internal/terminal TestDataOnATerminal", "internal/testkit/tty TestForeign",
		},
	},
	{
		ID: "M4", Fault: "a server that names its models so that the file of init would send a key", Holds: "the file names them as they are",
		Tests: []string{"cmd/openarena TestInitWithForeignNames"},
	},
	{
		ID: "M5", Fault: "files that others could read, under umask 000", Holds: "the database, exports, copies and the socket are their owner's only",
		Tests: []string{"cmd/openarena TestModes", "store TestModes"},
	},
	{
		ID: "M6", Fault: "bad configurations", Holds: "each problem with line and column, in the words of its golden file",
		Tests: []string{"cmd/openarena TestBadConfigurations"},
	},
	{
		ID: "M7", Fault: "an answer that tells the judge what to say", Holds: "no verdict is read out of an answer",
		Tests: []string{"pipeline/judge TestEchoedVerdictsDecideNothing", "pipeline/judge TestOwnVerdictBesideAnEcho"},
	},
}
