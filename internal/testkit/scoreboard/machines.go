package scoreboard

// machines: faults of many machines on one arena, of the PostgreSQL they share, and of databases that become one.
var machines = []Row{
	{
		ID: "T74", Fault: "SIGKILL of workers, of the run that publishes, or of the PostgreSQL they share; SIGSTOP for longer than the rescue",
		Holds: "the others go on and take over; nothing saved is lost, what was not under way is asked once, and the result is byte for byte that of one machine with a file",
		Tests: []string{"internal/testkit/crash TestPGFleet", "internal/testkit/crash TestFleetChecks"},
	},
	{
		ID: "T75", Fault: "PostgreSQL is killed or ends connections in the middle of commits; deadlocks",
		Holds: "results wait in memory, no call is repeated, and each commit counts once",
		Tests: []string{"store/postgres TestPGKilledServer", "store/postgres TestPGTerminated", "store/postgres TestPGDeadlock", "store/postgres TestPGLostSnapshot"},
	},
	{
		ID: "T76", Fault: "the connection is cut in COMMIT, so that nobody says whether it was made",
		Holds: "it is made once, its counters too", Tests: []string{"store/postgres TestPGUnknownOutcome", "store/postgres TestPGCutInCommit"},
	},
	{
		ID: "T77", Fault: "PostgreSQL is gone for longer than `--store-timeout`",
		Holds: "no more calls at once, told once; exit 14; what was not saved lies in a rescue file, which merges: no call is made twice, and exports are the same bytes",
		Tests: []string{"cmd/openarena TestPGServerStaysAway", "store/postgres TestPGRescue", "store/postgres TestPGCloseAway"},
	},
	{
		ID: "T78", Fault: "a wrong password, a database, role or schema that will not do, tables of a newer version",
		Holds: "a sentence that says what to do, exit 2 or 13, and never the password",
		Tests: []string{"store/postgres TestPGRefused", "store/postgres TestPGReadOnly"},
	},
	{
		ID: "T79", Fault: "bits of stored records change in PostgreSQL", Holds: "no wrong record is read",
		Tests: []string{"store/postgres TestPGRotten"},
	},
	{
		ID: "T80", Fault: "many processes make the same arena's tables at once", Holds: "they are made once, and all go on",
		Tests: []string{"store/postgres TestPGCreatedAtOnce", "fleet TestPGManyOpenAtOnce"},
	},
	{
		ID: "T81", Fault: "a file with a key written out is published for others", Holds: "refused, with its place",
		Tests: []string{"fleet TestPGPublishRefusesKeys"},
	},
	{
		ID: "T82", Fault: "a database file lies on a network file system", Holds: "told by `doctor` and at the start of a run, with what to do instead",
		Tests: []string{"internal/testkit/power TestNetworkFileSystem"},
	},
	{
		ID: "T83", Fault: "workers die that had taken a block of a budget or of a minute's calls",
		Holds: "what they may have spent is booked as spent: no budget is passed, and no minute",
		Tests: []string{"fleet TestPGBudgetUnderKills", "fleet TestPGDeadWorkers", "fleet TestPGMinuteOfWorkers", "cmd/openarena TestPGWorkersSpend", "cmd/openarena TestPGWorkersTokens"},
	},
	{
		ID: "T84", Fault: "a server asks one of many workers to wait", Holds: "all wait",
		Tests: []string{"fleet TestPGRests", "cmd/openarena TestPGWorkersRest"},
	},
	{
		ID: "T85", Fault: "a URL that is none, a server that is not reached or gives no access, a plaintext connection to another host, too old a server, fsync=off",
		Holds: "one sentence, exit 2 or the contract's better one, no password",
		Tests: []string{"cmd/openarena TestPGServerExitCodes", "cmd/openarena TestPGScripts/badurl", "store/postgres TestPGRefused",
			"cmd/openarena TestPGServerTooOld", "cmd/openarena TestPGServerUnfit", "store/postgres TestPGTooOld", "store/postgres TestPlaintext", "store/postgres TestServer"},
	},
	{
		ID: "T86", Fault: "databases of other arenas are merged; a shard is started twice or among others of another number",
		Holds: "refused, in words, and nothing is changed",
		Tests: []string{"pipeline TestMergeRefusesOtherArenas", "pipeline TestShardClaims"},
	},
	{
		ID: "T87", Fault: "equal work has different texts in databases that are merged; SIGKILL in mid-merge",
		Holds: "the first text stays, judgments of the other are kept and not counted; the same command goes on, to the same bytes",
		Tests: []string{"pipeline TestMergeKeepsFirst", "pipeline TestMergedShardsAreOneRun", "cmd/openarena TestKilledMerge"},
	},
	{
		ID: "T88", Fault: "PostgreSQL is away for a while, or as a worker begins; it is full, has no connection left, or only reads for a while",
		Holds: "each process says so once, and once that it is back; what reads ends at once with 2; no call is made twice",
		Tests: []string{"cmd/openarena TestPGServerComesBack", "store/postgres TestPGPatient", "store/postgres TestPGTakesNothing"},
	},
	{
		ID: "T89", Fault: "PostgreSQL is there and says nothing (SIGSTOP) as somebody presses Ctrl-C",
		Holds: "it is waited for, which the screen says; a second Ctrl-C ends that with a rescue file",
		Tests: []string{"cmd/openarena TestPGServerHangs", "store/postgres TestPGSilent", "store/postgres TestPGCloseHanging", "store/postgres TestPGReadHanging"},
	},
}
