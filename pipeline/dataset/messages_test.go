package dataset

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/configs"
)

func TestMessages(t *testing.T) {
	for _, c := range []struct{ about, prompt, want string }{
		{"one turn", `[{"role":"user","content":"Hi"}]`, " | user: Hi"},
		{"a whole conversation", `[{"role":"system","content":"S"},{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"user","content":"C"}]`,
			" | system: S | user: A | assistant: B | user: C"},
		{"answers at the end are cut", `[{"role":"user","content":"A"},{"role":"assistant","content":"B"},{"role":"assistant","content":""}]`, " | user: A"},
		{"an answer at the end is cut", `[{"role":"user","content":"A"},{"role":"assistant","content":"B"}]`, " | user: A"},
		{"the shape of ShareGPT", `[{"from":"system","value":"S"},{"from":"human","value":"A"},{"from":"gpt","value":"B"}]`, " | system: S | user: A"},
		{"an empty system message is none", `[{"role":"system","content":""},{"role":"user","content":"A"}]`, " | user: A"},
		{"parts that are text", `[{"role":"user","content":[{"type":"text","text":"A "},{"type":"text","text":"B"}]}]`, " | user: A B"},
		{"space is kept", `[{"role":"user","content":" A\r\n"}]`, " | user:  A\r\n"},
		{"parts that are not text", `[{"role":"user","content":[{"type":"text","text":"A"},{"type":"image_url","image_url":{}}]}]`,
			": message 1 of prompt: part 2 is not text but image_url"},
		{"a part that is no object", `[{"role":"user","content":["A"]}]`, ": message 1 of prompt: part 1 is text, not an object with text"},
		{"no content", `[{"role":"user"}]`, `: message 1 of prompt: no field "content"; fields here: role`},
		{"null content", `[{"role":"user","content":null}]`, ": message 1 of prompt: its content is null, not text"},
		{"no role", `[{"content":"A"}]`, `: message 1 of prompt: no field "role"; fields here: content`},
		{"a role that is no text", `[{"role":1,"content":"A"}]`, ": message 1 of prompt: its role is a number, not text"},
		{"a role of tools", `[{"role":"tool","content":"A"}]`, ": message 1 of prompt: the role tool is none of system, user and assistant"},
		{"messages that are text", `["A",{}]`, ": message 1 of prompt: it is text, not an object with role and content"},
		{"nobody asks", `[{"role":"assistant","content":"A"}]`, ": the prompt is empty (prompt has no user message)"},
		{"only the system speaks", `[{"role":"system","content":"A"}]`, ": the prompt is empty (prompt has no user message)"},
		{"no message at all", `[]`, ": the prompt is empty (prompt has no user message)"},
		{"an empty turn", `[{"role":"user","content":" "},{"role":"user","content":"A"}]`, ": prompt has an empty user message"},
		{"a late system message", `[{"role":"user","content":"A"},{"role":"system","content":"B"},{"role":"user","content":"C"}]`,
			": prompt has a system message that is not the first"},
		{"half of a character", `[{"role":"user","content":"\ud800"}]`, ": message 1 of prompt: its content holds half of a character, a lone surrogate, at byte 1"},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", `{"prompt":`+c.prompt+"}\n")
		want := "a.jsonl:1" + c.want
		if strings.HasPrefix(c.want, ":") {
			want = "bad: " + want
		}
		if diff := cmp.Diff([]string{want}, read(t, configs.Dataset{Path: "a.jsonl", Limit: -1}, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestFieldPaths(t *testing.T) {
	const row = `{"a":{"b":[{"c":"deep"},"x"]},"a.b":"dotted","Question [EN]":"named","list":["first"]}`
	for _, c := range []struct{ about, field, want string }{
		{"a name with a dot comes before a path", "a.b", " | user: dotted"},
		{"names and places", "a.b[0].c", " | user: deep"},
		{"a place", "list[0]", " | user: first"},
		{"a name that looks like a path", "Question [EN]", " | user: named"},
		{"a place behind the end", "list[1]", ": list has no [1]; its length is 1"},
		{"a name in a list", "list.x", ": list is a list, not an object with fields"},
		{"a place in an object", "a[0]", ": a is an object, not a list"},
		{"a name in a text", "a.b[1].c", ": a.b[1] is text, not an object with fields"},
		{"a missing name inside", "a.bb", `: in a: no field "bb"; did you mean "b"? fields here: b`},
		{"a missing name", "x.y", `: no field "x"; fields here: a, a.b, "Question [EN]", list`},
		{"an impossible place", "list[99999999999]", `: no field "list[99999999999]"; fields here: a, a.b, "Question [EN]", list`},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", row)
		want := "a.jsonl:1" + c.want
		if strings.HasPrefix(c.want, ":") {
			want = "bad: " + want
		}
		if diff := cmp.Diff([]string{want}, read(t, configs.Dataset{Path: "a.jsonl", Field: c.field, Limit: -1}, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestTemplates(t *testing.T) {
	for _, c := range []struct{ about, template, row, want string }{
		{"fields in a text", "Translate: {{.text}}", `{"text":"<b>&"}`, " | user: Translate: <b>&"},
		{"fields inside fields", "{{.a.b}} {{index .l 1}} {{range .l}}[{{.}}]{{end}}", `{"a":{"b":1.50},"l":["x",20000000]}`, " | user: 1.50 20000000 [x][20000000]"},
		{"a null is nothing", "a{{.n}}{{if .n}}b{{end}}c", `{"n":null}`, " | user: ac"},
		{"a missing field", "{{.texst}}", `{"text":"x"}`, `: template: no field "texst"; did you mean "text"? fields here: text`},
		{"a missing field inside", "{{.a.x}}", `{"a":{"b":1}}`, `: the template cannot be filled: template:1:4: executing "template" at <.a.x>: map has no entry for key "x"`},
		{"nothing comes out", "{{.a}}", `{"a":" "}`, ": the prompt is empty (the filled template)"},
	} {
		dir := t.TempDir()
		write(t, dir, "a.jsonl", c.row)
		want := "a.jsonl:1" + c.want
		if strings.HasPrefix(c.want, ":") {
			want = "bad: " + want
		}
		if diff := cmp.Diff([]string{want}, read(t, configs.Dataset{Path: "a.jsonl", Template: c.template, Limit: -1}, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
	dir := t.TempDir()
	write(t, dir, "a.txt", "one\ntwo\n")
	want := []string{"a.txt:1 | user: Say one!", "a.txt:2 | user: Say two!"}
	if diff := cmp.Diff(want, read(t, configs.Dataset{Path: "a.txt", Template: "Say {{.text}}!", Limit: -1}, dir)); diff != "" {
		t.Errorf("lines of a txt file (-want +got):\n%s", diff)
	}
}
