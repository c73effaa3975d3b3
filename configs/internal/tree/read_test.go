package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// show writes a tree on one line: Text as "x"~ where hidden, others by their text, each table and list in brackets.
func show(n *Node) string {
	switch n.Kind {
	case List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, show(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case Table:
		var parts []string
		for _, e := range n.Entries {
			parts = append(parts, fmt.Sprintf("%s@%d:%d=%s", e.Key, e.Line, e.Col, show(e.Value)))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case Text:
		if n.Varied {
			return fmt.Sprintf("%q~", n.Text)
		}
		return fmt.Sprintf("%q", n.Text)
	case Null:
		return "null"
	case Broken:
		return "broken"
	}
	return fmt.Sprintf("%d(%s)", n.Kind, n.Text)
}

func env(name string) (string, bool) {
	v, ok := map[string]string{"A": "aye", "EMPTY": "", "LONG": strings.Repeat("x", 1000)}[name]
	return v, ok
}

func read(src string) (string, []string) {
	var faults Faults
	root := Read([]byte(src), env, &faults)
	var list []string
	for _, f := range faults.List() {
		list = append(list, fmt.Sprintf("%d:%d %s", f.Line, f.Col, f.What))
	}
	if root == nil {
		return "", list
	}
	return show(root), list
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ why, src, want string }{
		{"a table and its places", "a: x\nb:\n  c: y\n", `{a@1:1="x" b@2:1={c@3:3="y"}}`},
		{"columns count characters, not bytes", "é: {ü: 日, z: x}\n", `{é@1:1={ü@1:5="日" z@1:11="x"}}`},
		{"a byte order mark is no text", "\ufeffa: x\n", `{a@1:1="x"}`},
		{"line ends of Windows", "a: x\r\nb: y\r\n", `{a@1:1="x" b@2:1="y"}`},
		{"numbers are decimal", "[1, -2, 1.5, 1e3, .5, 0x1F, 1_000, 007, .inf]", `[3(1) 3(-2) 4(1.5) 4(1e3) 4(.5) 5(0x1F) 5(1_000) 5(007) 5(.inf)]`},
		{"quotes make text", `["1", '1', true, "true", ~, yes]`, `["1" "1" 2(true) "true" null "yes"]`},
		{"!!str makes text", "a: !!str 5\n", `{a@1:1="5"}`},
		{"block text", "a: |\n  one\n  two\nb: >\n  one\n  two\n", `{a@1:1="one\ntwo\n" b@4:1="one two\n"}`},
		{"an alias is its anchor's value", "a: &x [1]\nb: *x\n", `{a@1:1=[3(1)] b@2:1=[3(1)]}`},
		{"a merge adds what is not said", "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", `{a@1:1={p@1:8=3(1) q@1:14=3(2)} b@2:1={q@4:3=3(3) p@1:8=3(1)}}`},
		{"of several merged tables the first wins", "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n", `{a@1:1={p@1:8=3(1)} b@2:1={p@2:8=3(2) q@2:14=3(2)} c@3:1={p@1:8=3(1) q@2:14=3(2)}}`},
		{"variables", "a: pre ${A} post\n", `{a@1:1="pre aye post"~}`},
		{"the default where the variable is not set or empty", "[\"${B:-bee}\", \"${EMPTY:-e}\", \"${A:-b}\", \"${B:-}\"]", `["bee"~ "e"~ "aye"~ ""~]`},
		{"two dollars are one", "a: $${A} $5 ${A}\n", `{a@1:1="${A} $5 aye"~}`},
		{"keys hold no variables", "${A}: x\n", `{${A}@1:1="x"}`},
		{"an explicit key", "? a\n: b\n", `{a@1:1="b"}`},
		{"an empty last document is none", "a: x\n---\n", `{a@1:1="x"}`},
		{"a version of YAML may be named", "%YAML 1.2\n---\na: x\n", `{a@3:1="x"}`},
	} {
		got, faults := read(c.src)
		if diff := cmp.Diff(c.want, got); diff != "" || len(faults) > 0 {
			t.Errorf("%s: Read(%q): faults %q, -want +got:\n%s", c.why, c.src, faults, diff)
		}
	}
}

func TestReadFaults(t *testing.T) {
	for _, c := range []struct{ why, src, want string }{
		{"nothing", "", "1:1 the file is empty"},
		{"comments only", "# a\n", "1:1 the file is empty"},
		{"bytes that are not UTF-8", "a: x\nb: é\xff\n", "2:5 byte 0xFF is not UTF-8"},
		{"a control character", "a: x\x00\n", "1:5 control character U+0000"},
		{"a tab as indentation", "a:\n\tb: x\n", "2:1 a tab stands where YAML wants spaces"},
		{"a second document", "a: x\n---\nb: y\n", "2:1 a second document begins here"},
		{"a key twice", "a: x\nb: y\na: z\n", `3:1 the key "a" is here twice, first in line 1`},
		{"an alias of nothing", "a: *x\n", "1:4 no anchor &x stands before"},
		{"a pattern without quotes", "a: *.jsonl\n", `if the text begins with "*", put it in quotes`},
		{"an anchor around itself", "a: &x [*x]\n", "1:8 no anchor &x stands before"},
		{"a tag", "a: !go x\n", "1:4 the tag is not read here"},
		{"a merge of a text", "<<: x\n", "1:5 << merges tables, not text"},
		{"a variable that is not set", "a: x\nb: y ${NO}\n", "2:6 the variable NO is not set"},
		{"a variable that is not set, in a block", "b: |\n  x\n  y ${NO}\n", "3:5 the variable NO is not set"},
		{"a variable without an end", "b: ${NO\n", `1:4 "${" without "}"`},
		{"a variable without a name", "b: ${1}\n", "1:4 this is no variable"},
		{"a variable in a flow table", "b: {c: ${A}}\n", `1:9 inside { } and [ ] a variable needs quotes: write "${A}"`},
		{"a template without quotes", "b: {{.text}}\n", `"{{" begins a table in YAML: put the whole text in quotes`},
		{"a bracket left open", "b: [1, 2\n", `1:4 this bracket is never closed: add the "]"`},
		{"quotes left open", "b: \"x\n", "1:4 these quotes are never closed: close them"},
		{"a wrong indentation", "a: 1\n b: 2\n", `1:4 a ": " stands in this value, or the next line is indented too far`},
		{"a line between two indentations", "a:\n  b: 1\n c: 2\n", "3:2 this line fits no line above"},
		{"a comma left out between brackets", "a: {b: [x y, z}\n", `1:15 before this a comma is missing, or the "]" that closes line 1, column 8`},
		{"a comma left out before a key", "a: {b: x c: y}\n", `1:11 a ":" stands in this text: put a comma before its key`},
		{"a bracket too many", "a: [x]]\n", "1:7 this bracket closes nothing"},
		{"a brace too many", "a: {b: x}}\n", "1:10 this bracket closes nothing"},
		{"words behind a quoted text", "a: 'it's'\n", "1:8 this stands behind a value that has ended"},
		{"a key without a colon", "a\n  b: x\n", `1:1 a key without its ":"`},
		{"the last key without a colon", "a: |\n x\nb\n", `3:1 a key without its ":"`},
		{"a character that YAML keeps for itself", "a: @x\n", "1:4 this character begins no text"},
		{"a percent sign", "a: %x\n", `1:4 "%" begins no text`},
		{"a star alone", "a: *\n", `1:4 "*" begins an alias`},
		{"an ampersand alone", "a: &\n", `1:4 "&" begins an anchor`},
		{"a bar with more behind it", "a: |secret-0123\n  x\n", `1:4 "|" and ">" begin a text on the lines below`},
		{"an escape that is none", "a: \"\\q\"\n", "1:6 there is no such escape"},
		{"a dash without its space", "a:\n  -b: x\n   c: y\n", `2:7 a space is missing behind the dash`},
		{"a list as a key", "? [a]: b\n", "1:6 this cannot be read (found an invalid key for this map)"},
	} {
		_, faults := read(c.src)
		if len(faults) != 1 || !strings.Contains(faults[0], c.want) {
			t.Errorf("%s: Read(%q) notes %q; want one with %q", c.why, c.src, faults, c.want)
		}
	}
}

// TestReadHostile feeds what would take long or much if it were not bounded by construction: each must end in a fault
// that names the bound.
func TestReadHostile(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	deep := "a0: &a0 [x]\n"
	for i := 1; i <= 20; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for i := 1; i <= 100; i++ {
		deep += fmt.Sprintf("a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	var keys strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&keys, "k%d: x, ", i)
	}
	merges := "a: &a {" + keys.String() + "z: x}\n"
	for i := range 500 {
		merges += fmt.Sprintf("b%d: {<<: *a}\n", i)
	}
	for _, c := range []struct{ why, src, want string }{
		{"aliases of aliases", bomb, "aliases unfold this to more than 100000 values"},
		{"aliases nested in aliases", deep, "nest this more than 64 deep"},
		{"merges of a large table", merges, "unfold"},
		{"open brackets", strings.Repeat("[", 200_000), "things"},
		{"open brackets, fewer", strings.Repeat("[", 9_000), "1:65 nested more than 64 deep"},
		{"open braces", strings.Repeat("{a: ", 4_000), "nested more than 64 deep"},
		{"list in list", strings.Repeat("- ", 9_000) + "a", "nested more than 64 deep"},
		{"key in key", strings.Repeat("? ", 9_000) + "a", "nested more than 64 deep"},
		{"many keys", strings.Repeat("a: 1\n", 50_000), "things"},
		{"empty lines in a block", "a: |\n  x\n" + strings.Repeat("\n", 200_000), "23:1 21 empty lines stand here in a row"},
		{"lines of spaces", "a: |\n  x\n" + strings.Repeat("   \n", 50_000), "empty lines stand here in a row"},
		{"a long file", strings.Repeat("a", MaxBytes+1), "at most 262144 are read"},
		{"long variables", "a: " + strings.Repeat("${LONG} ", 2000), "the variables in this file give more than"},
		{"many variables that are not set", "a: \"" + strings.Repeat(`\x24{NO}`, 25_000) + `"`, "the variable NO is not set"},
	} {
		_, faults := read(c.src)
		if len(faults) == 0 || !strings.Contains(faults[0], c.want) {
			if len(faults) > 3 {
				faults = faults[:3]
			}
			t.Errorf("%s: Read notes %.300q; want one with %q", c.why, faults, c.want)
		}
	}
}

func TestParseFloat(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      float64
		reason    string
	}{
		{"a fraction", "0.1", 0.1, ""},
		{"a whole number", "-3", -3, ""},
		{"too large", "1e999", 0, "too large"},
		{"so small that it would be 0", "1e-999", 0, "too small"},
		{"zero is zero", "0.000", 0, ""},
		{"more digits than a float keeps", "0.1234567890123456789", 0, "more digits"},
		{"a whole number beyond 2^53 that would be rounded", "9007199254740993", 0, "rounded"},
		{"a whole number beyond 2^53 that is exact", "9007199254740994", 9007199254740994, ""},
	} {
		got, reason := ParseFloat(c.text)
		if got != c.want || !strings.Contains(reason, c.reason) || (c.reason == "") != (reason == "") {
			t.Errorf("%s: ParseFloat(%s) = %v, %q; want %v, %q", c.why, c.text, got, reason, c.want, c.reason)
		}
	}
}

func TestSecretKey(t *testing.T) {
	for key, want := range map[string]bool{
		"api_key": true, "apikey": true, "X-Api-Key": true, "api-key": true, "Authorization": true, "Proxy-Authorization": true,
		"token": true, "hf_token": true, "Cookie": true, "Ocp-Apim-Subscription-Key": true, "password": true,
		"max_tokens": false, "tpm": false, "keep_alive": false, "monkey": false, "field": false, "X-Team": false,
	} {
		if got := SecretKey(key); got != want {
			t.Errorf("SecretKey(%q) = %v; want %v", key, got, want)
		}
	}
}

func TestShowHidesSecrets(t *testing.T) {
	var faults Faults
	root := Read([]byte("a: ${A}\napi_key: &k {x: [12345, canary]}\nb: *k\n"), env, &faults)
	for _, n := range []*Node{root.Get("a"), root.Get("api_key").Get("x").Items[0], root.Get("b").Get("x").Items[1]} {
		if got := n.Show(); got != "***" {
			t.Errorf("Show() of the value in line %d = %s; want ***", n.Line, got)
		}
	}
}
