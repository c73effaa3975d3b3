// Package scoreboard lists the faults that the program answers for, each with the tests that show what it does about it,
// and runs them: what the table says is what was just seen.
//
// Rows are kept one file per kind of fault. Their numbers are those of docs/reliability.md.
package scoreboard

// Row is one fault, or one measure of all of them.
type Row struct {
	ID    string   // "T8", or a range: "T20-21"
	Fault string   // what goes wrong, in a few words
	Holds string   // what the user sees then
	Tests []string // "PACKAGE TestName/subtest", PACKAGE relative to the module's root: "store TestKill"
	Later string   // in place of Tests: the part of the program that does not exist yet
}

// Rows are all of them, in the order in which they are printed.
func Rows() []Row {
	var all []Row
	for _, kind := range [][]Row{process, changes, endpoints, configuration, machines, measures} {
		all = append(all, kind...)
	}
	return all
}
