// Command powerload is the program under the power cuts of internal/testkit/power: it writes records into a database in a
// pattern that is known, notes what was acknowledged, and holds what a power cut left against the notes.
//
//	powerload write DIR BATCHES    each of four workers writes so many batches into DIR/arena.db
//	powerload compact DIR          compacts it
//	powerload repair DIR           repairs it
//	powerload export DIR TIMES     replaces DIR/export.jsonl so many times
//	powerload check                reads cases from stdin, a line of JSON each, and answers each with a line
//
// Notes are lines "KEY VALUE" that are appended to DIR/notes, each with one write.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"openarena/store"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == "check" {
		return serve(ctx, os.Stdin, os.Stdout)
	}
	if len(args) < 2 {
		return fmt.Errorf("want a part and a folder, got %q", args)
	}
	path := filepath.Join(args[1], databaseName)
	switch args[0] {
	case "compact":
		return store.Compact(ctx, path)
	case "repair":
		_, err := store.Repair(ctx, path)
		return err
	}
	if len(args) != 3 {
		return fmt.Errorf("want a part, a folder and a number, got %q", args)
	}
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	notes, err := openNotes(args[1])
	if err != nil {
		return err
	}
	defer notes.Close()
	switch args[0] {
	case "write":
		return write(ctx, path, n, notes)
	case "export":
		return writeExports(ctx, filepath.Join(args[1], exportName), n, notes)
	}
	return fmt.Errorf("there is no part %q", args[0])
}

// notebook is where a process says what it was told, in the order of its writes to other files.
type notebook struct{ *os.File }

func openNotes(dir string) (notebook, error) {
	f, err := os.OpenFile(filepath.Join(dir, "notes"), os.O_WRONLY|os.O_APPEND, 0)
	return notebook{f}, err
}

func (n notebook) note(key string, value int) error {
	_, err := fmt.Fprintf(n, "%s %d\n", key, value)
	return err
}
