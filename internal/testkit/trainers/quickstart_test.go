package trainers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a piece of code on a page.
var block = regexp.MustCompile("(?s)```(python|sh)\n(.*?)```")

// exportLine is the command of a block that makes its file.
var exportLine = regexp.MustCompile("(?m)^(?:# )?openarena (export .*)$")

// quickStarts are the blocks of docs/exports.md that a trainer can run here, each in a folder where its export was made.
func (a *arena) quickStarts(t *testing.T, trainer string) (files []file) {
	t.Helper()
	page, err := os.ReadFile("../../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	mark := map[string]string{"trl": "from trl import", "llama-factory": "llamafactory-cli train"}[trainer]
	if mark == "" {
		return nil
	}
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		code := m[2]
		command := exportLine.FindStringSubmatch(code)
		if !strings.Contains(code, mark) || command == nil {
			continue
		}
		dir := t.TempDir()
		a.exportInto(t, dir, strings.Fields(command[1]))
		files = append(files, file{Name: fmt.Sprintf("page %d", len(files)+1), Dir: dir, Code: code, File: command[0]})
	}
	if len(files) == 0 {
		t.Errorf("docs/exports.md has no code for %s", trainer)
	}
	return files
}

// exportInto runs an export whose file, the last word, belongs into a folder.
func (a *arena) exportInto(t *testing.T, dir string, args []string) {
	t.Helper()
	path := filepath.Join(dir, args[len(args)-1])
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	args[len(args)-1] = path
	if out, code := a.run(t, args...); code != 0 {
		t.Errorf("openarena %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
}
