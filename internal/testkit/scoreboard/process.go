package scoreboard

// process: faults of the process, the machine and the disk.
var process = []Row{
	{
		ID: "T1-4", Fault: "SIGKILL while answering, judging, rating or exporting",
		Holds: "the same command goes on; nothing saved is lost or asked again, and the result is byte for byte that of a run undisturbed",
		Tests: []string{
			"internal/testkit/crash TestCrashLoop", "internal/testkit/crash TestServedTwice", "internal/testkit/crash TestHarnessCatches",
			"store TestKill", "pipeline/export TestKilledWriter",
		},
	},
	{
		ID: "T5", Fault: "SIGKILL while uploading, before and after a request",
		Holds: "the same command goes on: one commit in the end, never half of one, and no file that had arrived is sent again",
		Tests: []string{"cmd/openarena TestKilledUpload", "internal/hub TestUploadAfterAKill"},
	},
	{
		ID: "T6", Fault: "power cut: writes lost, torn at sectors, in any order; also after a kill and a restart, or a failed sync",
		Holds: "everything acknowledged is there, and exports are whole",
		Tests: []string{
			"internal/testkit/power TestPower", "internal/testkit/power TestRepairing", "internal/testkit/power TestCareless",
			"store TestOpenSettles", "store TestTornMeta",
		},
	},
	{
		ID: "T7", Fault: "power cut while the database is created", Holds: "there is none, or a good one",
		Tests: []string{"internal/testkit/power TestCreation"},
	},
	{
		ID: "T8", Fault: "the disk is full",
		Holds: "exit 14 at once; what was saved is safe, old exports stay, and with room again the next run goes on",
		Tests: []string{"cmd/openarena TestFullDisk", "store TestFullDisk"},
	},
	{
		ID: "T9", Fault: "the disk reports an error when it should write, grow or sync",
		Holds: "nothing more is acknowledged, exit 14; the next run does not trust what a failed sync was to write",
		Tests: []string{"store TestFailingDisk", "cmd/openarena TestFailingDisk", "internal/testkit/power TestCareless"},
	},
	{
		ID: "T10", Fault: "the disk says that it has written, and has not",
		Holds: "`db check` finds it, or no text is lost", Tests: []string{"store TestWriteNotDone"},
	},
	{
		ID: "T11", Fault: "bits flip in stored texts",
		Holds: "`db check` names each record, the others can be used; after `db repair` exactly those are asked for again",
		Tests: []string{
			"store TestFlippedBits", "store TestBadRecord", "store TestRepair", "cmd/openarena TestBadTextsAreAskedForAgain",
			"cmd/openarena TestCheckLiveDamage",
		},
	},
	{
		ID: "T12", Fault: "the database is cut short",
		Holds: "exit 12 with advice, nothing is changed; `db repair` saves what is left",
		Tests: []string{"store TestTruncated", "store TestRepairTruncated", "cmd/openarena TestScripts/database"},
	},
	{
		ID: "T13", Fault: "the database is zeroed, empty, a directory, a file of others, or full of random damage",
		Holds: "exit 12 in words; never a crash, never a wrong record",
		Tests: []string{"store TestForeignFiles", "store TestRandomDamage", "cmd/openarena TestScripts/database"},
	},
	{
		ID: "T14", Fault: "the folder or the file may not be written",
		Holds: "exit 14 that names it; what only reads works", Tests: []string{"cmd/openarena TestReadOnlyFolder", "store TestUnwritable"},
	},
	{
		ID: "T15", Fault: "a second process",
		Holds: "exit 11 that says who has the database: process, command, since when",
		Tests: []string{"store TestLocked", "store TestCreateAtOnce", "cmd/openarena TestScripts/signals"},
	},
	{
		ID: "T16", Fault: "status, rate, export and others while a run is active",
		Holds: "they work, through the running process, and change nothing",
		Tests: []string{"store TestSuiteLive", "store TestReadersComeAndGo", "store TestReadersChangeNothing", "cmd/openarena TestScripts/signals"},
	},
	{
		ID: "T17", Fault: "a database of an older schema",
		Holds: "it is read as it was meant, and a run makes no call: a golden database of every schema is kept",
		Tests: []string{"cmd/openarena TestGolden", "store TestRecordOfLaterVersion"},
	},
	{
		ID: "T18", Fault: "a database of a newer schema",
		Holds: "exit 13, the file is unchanged", Tests: []string{"cmd/openarena TestNewerDatabase", "store TestForeignFiles"},
	},
	{
		ID: "T19", Fault: "the process is suspended; clocks and times of files jump",
		Holds: "it goes on where it was; files count by what is in them; no wait is longer or shorter than a server asked for",
		Tests: []string{"cmd/openarena TestScripts/machine", "providers TestRetryAfter"},
	},
	{
		ID: "T20-21", Fault: "Ctrl-C once, twice, three times",
		Holds: "what is in flight is finished and saved, and the command that goes on is printed; leaves at once; is killed",
		Tests: []string{
			"cmd/openarena TestScripts/signals", "cmd/openarena TestThirdSignalKills", "pipeline TestSoftStopSavesWhatIsInFlight",
			"pipeline TestHardStopGivesUpWhatIsInFlight",
		},
	},
	{
		ID: "T22", Fault: "SIGTERM, SIGHUP, nohup, output that nobody reads",
		Holds: "as Ctrl-C once; nohup keeps it running; `| head` is no failure",
		Tests: []string{"cmd/openarena TestScripts/machine", "cmd/openarena TestScripts/signals", "cmd/openarena TestScripts/export"},
	},
	{
		ID: "T23", Fault: "the kernel ends the process for want of memory",
		Holds: "that is a SIGKILL: as T1 to T4", Tests: []string{"internal/testkit/crash TestCrashLoop"},
	},
	{
		ID: "T24", Fault: "fewer files may be open than calls are wanted",
		Holds: "fewer calls at once, said once", Tests: []string{"cmd/openarena TestScripts/machine", "providers TestLimit"},
	},
}
