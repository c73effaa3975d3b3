package scoreboard

// endpoints: faults of model servers and of what they send. In each the models of other servers are finished, and a later
// run asks for just what is missing: the server counts.
var endpoints = []Row{
	{
		ID: "T37", Fault: "nobody listens at the start; the server goes away in the middle, for all or for one of two",
		Holds: "a few tries, the host and port by name, exit 3; a server that comes back is asked again",
		Tests: []string{"cmd/openarena TestTroubleThatMayPass/T37", "pipeline TestOutages", "providers TestLostCalls"},
	},
	{
		ID: "T38", Fault: "the host has no address", Holds: "known before the first call: exit 2, the host by name; in mid-run as T37",
		Tests: []string{"cmd/openarena TestPreflight/T38", "providers TestLostCalls/no_such_host"},
	},
	{
		ID: "T39", Fault: "a certificate that nobody trusts; encryption where there is none, or the other way round",
		Holds: "known before the first call: exit 2, what to write instead; in mid-run as T37",
		Tests: []string{"cmd/openarena TestPreflight/T39", "providers TestLostCalls", "providers TestProbe"},
	},
	{
		ID: "T40", Fault: "the connection is reset inside a body, or closed without a word", Holds: "tried again; never half an answer",
		Tests: []string{"cmd/openarena TestTroubleThatMayPass/T40", "cmd/openarena TestTroubleThatPasses/T40", "providers TestEveryCutIsNoticed"},
	},
	{
		ID: "T41-43", Fault: "a body or headers that come drop by drop; a body that falls silent; headers that never come",
		Holds: "ended by timeout or idle_timeout, which the message names; tried again",
		Tests: []string{
			"cmd/openarena TestTroubleThatMayPass/T41", "cmd/openarena TestTroubleThatMayPass/T42", "cmd/openarena TestTroubleThatMayPass/T43",
			"providers TestTimeouts",
		},
	},
	{
		ID: "T44", Fault: "429 with a number of seconds", Holds: "never called earlier than told, not cut to some seconds",
		Tests: []string{"cmd/openarena TestTroubleThatPasses/T44", "providers TestRetryAfter", "providers TestRetryAfterIsObeyedInFull", "pipeline TestNoCallDuringAPause"},
	},
	{
		ID: "T45", Fault: "429 until a date, past or to come, an hour, nonsense, a negative number",
		Holds: "as T44; nonsense counts as no number; an hour is waited, and can be interrupted at once",
		Tests: []string{"cmd/openarena TestTroubleThatPasses/T45", "cmd/openarena TestAnHour", "providers TestRetryAfter"},
	},
	{
		ID: "T46", Fault: "429 or 402 for an empty account", Holds: "told from a rate limit: at most the calls in flight, exit 4",
		Tests: []string{"cmd/openarena TestTroubleForGood/T46", "providers TestRefusals"},
	},
	{
		ID: "T47", Fault: "5xx, 408, 409, 529, for a while or for ever", Holds: "four tries, then failed for now; exit 3",
		Tests: []string{"cmd/openarena TestTroubleThatMayPass/T47", "cmd/openarena TestTroubleThatPasses/T47", "pipeline TestFaultsLoseNothing"},
	},
	{
		ID: "T48", Fault: "an error inside a 200", Holds: "sorted as if it had its own status",
		Tests: []string{
			"cmd/openarena TestTroubleThatMayPass/T48", "cmd/openarena TestTroubleThatPasses/T48", "cmd/openarena TestTroubleForGood/T48",
			"providers TestErrorsInsideA200",
		},
	},
	{
		ID: "T49-52", Fault: "a page; half of the JSON; junk behind it; JSON under another content type",
		Holds: "tried again, then failed for now, with the beginning of what came, escaped",
		Tests: []string{
			"cmd/openarena TestTroubleThatMayPass/T49", "cmd/openarena TestTroubleThatMayPass/T50", "cmd/openarena TestTroubleThatMayPass/T51",
			"cmd/openarena TestTroubleThatMayPass/T52", "providers TestUnreadableReplies",
		},
	},
	{
		ID: "T53", Fault: "an answer that is no UTF-8, or holds half a surrogate pair", Holds: "kept, mended and marked as mended",
		Tests: []string{"providers TestReplies", "cmd/openarena TestBytes"},
	},
	{
		ID: "T54-55", Fault: "no choices; content that is null or empty; a tool's call; a refusal",
		Holds: "no choices: tried again; the others are answers, and a refusal is known as one",
		Tests: []string{"cmd/openarena TestTroubleThatMayPass/T54", "cmd/openarena TestEndingsAreTold/T55", "providers TestReplies"},
	},
	{
		ID: "T56-57", Fault: "an answer that was cut off, or withheld by a filter", Holds: "kept as what it is; whoever reads the ratings is told",
		Tests: []string{"cmd/openarena TestEndingsAreTold/T56", "cmd/openarena TestEndingsAreTold/T57"},
	},
	{
		ID: "T58-59", Fault: "an answer of a hundred megabytes; a megabyte that unpacks to a gigabyte", Holds: "16 MiB are read; tried again, then failed for now",
		Tests: []string{"cmd/openarena TestTroubleThatMayPass/T58", "cmd/openarena TestTroubleThatMayPass/T59", "providers TestLargeBodiesAreCut"},
	},
	{
		ID: "T60", Fault: "a redirect, 301 to 308, to another port, host or scheme", Holds: "not followed: nobody connects there; exit 4, the host by name",
		Tests: []string{"cmd/openarena TestTroubleForGood/T60", "cmd/openarena TestTroubleForGood/elsewhere", "providers TestRedirects"},
	},
	{
		ID: "T61-62", Fault: "404 for the model; 401, 403", Holds: "at most the calls in flight, exit 4; the model that was probably meant",
		Tests: []string{
			"cmd/openarena TestTroubleForGood/T61", "cmd/openarena TestTroubleForGood/T62", "pipeline TestRefusals", "pipeline TestForbidden",
			"providers TestUnknownModelHints",
		},
	},
	{
		ID: "T63", Fault: "a prompt that is too long", Holds: "fails for good, alone; not asked again by itself",
		Tests: []string{"cmd/openarena TestTroubleOfOnePrompt/T63", "pipeline TestTooLongPromptFailsAlone"},
	},
	{
		ID: "T64", Fault: "one dead server of five; one model of four that always answers 500",
		Holds: "the others are as fast as without it; at most 100 calls are wasted, exit 3",
		Tests: []string{"pipeline TestDeadEndpointSlowsNobody", "pipeline TestDeadModelWastesLittle", "cmd/openarena TestScripts/badserver"},
	},
	{
		ID: "T65", Fault: "prompts on which a model crashes, scattered or in a row", Holds: "four tries each; all others are done, nobody is taken for dead",
		Tests: []string{"cmd/openarena TestTroubleOfOnePrompt/T65", "pipeline TestPoisonousPrompts"},
	},
	{
		ID: "T66", Fault: "prompts that are empty, 10 MB, full of NULs, right to left, emoji",
		Holds: "byte for byte on the wire, in the database and in every export; an empty one is left out by name",
		Tests: []string{"cmd/openarena TestBytes"},
	},
	{
		ID: "T67", Fault: "a judge whose reply cannot be read", Holds: "asked again as often as the file says, then invalid: never a tie or a zero",
		Tests: []string{"pipeline TestUnreadableVerdictIsAskedAgainThenInvalid", "pipeline TestBadJudgeIsStopped", "pipeline TestUnreadableJudgeStaysStopped"},
	},
	{
		ID: "T68", Fault: "an upload to the Hub that is cut: in a file, a part or the commit, before or after the Hub had it all; 429, 503, a link that ran out",
		Holds: "goes on by itself; a lost answer makes no second commit, and what others commit meanwhile stays",
		Tests: []string{"internal/hub TestUploadSurvives", "internal/hub TestUploadBesideAnother"},
	},
	{
		ID: "T69", Fault: "a pull by Ollama that is cut, fails in a 200, falls silent or is called off", Holds: "taken up where it stopped, never half; no byte fetched twice",
		Tests: []string{"providers TestPulls", "providers TestPullGoesOnAfterACtrlC", "providers TestPullTakesAsLongAsItBringsSomething", "pipeline TestAPullIsCalledOff"},
	},
}
