package markdown

import (
	"strings"
	"testing"

	"openarena/internal/testkit/attacks"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ what, in, want string }{
		{"a paragraph", "a *b* **c** ~~d~~ `e`", `<p dir="auto">a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>` + "\n"},
		{"breaks of lines", "a\nb  \nc", "<p dir=\"auto\">a\nb<br>\nc</p>\n"},
		{"HTML is text", "a <b onclick=x>c</b> & d", `<p dir="auto">a &lt;b onclick=x&gt;c&lt;/b&gt; &amp; d</p>` + "\n"},
		{"a block of HTML is text", "<div>\n<script>\n</div>", "<p class=\"words\" dir=\"auto\">&lt;div&gt;\n&lt;script&gt;\n&lt;/div&gt;</p>\n"},
		{"entities once", "&lt;b&gt; &amp;lt;", `<p dir="auto">&lt;b&gt; &amp;lt;</p>` + "\n"},
		{"headings begin at 4, and none is left out", "# a\n### b\n###### c", `<h4 dir="auto">a</h4>` + "\n" + `<h5 dir="auto">b</h5>` + "\n" + `<h6 dir="auto">c</h6>` + "\n"},
		{"a heading that begins lower", "### a", `<h4 dir="auto">a</h4>` + "\n"},
		{"ids are text", "# a {#main}", `<h4 dir="auto">a {#main}</h4>` + "\n"},
		{"a list", "- a\n- [x] b", "<ul dir=\"auto\">\n<li>a\n</li>\n<li>☑ b\n</li>\n</ul>\n"},
		{"a list that begins elsewhere", "3. a", "<ol start=\"3\" dir=\"auto\">\n<li>a\n</li>\n</ol>\n"},
		{"code with its language", "```go run\na < b\n```", "<p class=\"language\">go</p>\n<pre tabindex=\"0\" dir=\"ltr\"><code>a &lt; b\n</code></pre>\n"},
		{"a table", "|a|b|\n|:-:|-:|\n|c|d|", `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table dir="auto">
<thead>
<tr><th class="center">a</th><th class="right">b</th></tr>
</thead>
<tbody>
<tr><td class="center">c</td><td class="right">d</td></tr>
</tbody>
</table></div>
`},
		{"a link", `[a](https://example.org/?b=1&c "t")`, `<p dir="auto"><a href="https://example.org/?b=1&amp;c" rel="noopener nofollow noreferrer">a</a></p>` + "\n"},
		{"an address", "see https://example.org.", `<p dir="auto">see <a href="https://example.org" rel="noopener nofollow noreferrer">https://example.org</a>.</p>` + "\n"},
		{"a mailbox", "<a@example.org>", `<p dir="auto"><a href="mailto:a@example.org" rel="noopener nofollow noreferrer">a@example.org</a></p>` + "\n"},
		{"a link that is none", "[a](javascript:b)", `<p dir="auto">a <span class="unlinked">(javascript:b)</span></p>` + "\n"},
		{"a link into the viewer", "[a](/vote)", `<p dir="auto">a <span class="unlinked">(/vote)</span></p>` + "\n"},
		{"a link with a user", "[a](https://b@c.d)", `<p dir="auto">a <span class="unlinked">(https://b@c.d)</span></p>` + "\n"},
		{"an image is a link", `![a "b"](https://example.org/c.png)`, `<p dir="auto"><a href="https://example.org/c.png" rel="noopener nofollow noreferrer">image: a &#34;b&#34;</a></p>` + "\n"},
		{"an image in a link", `[![a](https://b.example)](https://c.example)`, `<p dir="auto"><a href="https://c.example" rel="noopener nofollow noreferrer">image: a</a></p>` + "\n"},
		{"marks of direction", "a \u202eb &#x202e; \u200f", "<p dir=\"auto\">a \\u202eb \\u202e \u200f</p>\n"},
		{"control characters", "a\x00b\x1b", `<p dir="auto">a\x00b\x1b</p>` + "\n"},
		{"Arabic", "مرحبا *بكم*", `<p dir="auto">مرحبا <em>بكم</em></p>` + "\n"},
	} {
		if got := string(HTML(c.in, 4)); got != c.want {
			t.Errorf("%s: HTML(%q) = %s; want %s", c.what, c.in, got, c.want)
		}
	}
}

// TestAttacks: whatever a text says, it becomes no more than what this package writes.
func TestAttacks(t *testing.T) {
	for _, a := range attacks.All() {
		check(t, a.Name, a.Text)
		if len(a.Text) < 1000 {
			check(t, a.Name+" in a list", "1. a\n   "+a.Text)
		}
	}
}

func check(t *testing.T, name, text string) {
	t.Helper()
	out := string(HTML(text, 4))
	if wrong := attacks.Audit(out, false); wrong != nil {
		t.Errorf("%s: %s\nbecomes %.2000s: %q", name, shortened(text), out, wrong)
	}
	if most := 40*len(text) + 1000; len(out) > most {
		t.Errorf("%s: %d bytes become %d; want at most %d", name, len(text), len(out), most)
	}
}

func TestIntricateTextsAreShownAsTheyAre(t *testing.T) {
	for _, c := range []struct{ what, text string }{
		{"quotes in each other", strings.Repeat(">", 100) + "a"},
		{"lists in each other", strings.Repeat("- ", 100) + "a"},
		{"lists by their blanks", nest(100)},
		{"a table of many cells", "|" + strings.Repeat("a|", 500) + "\n|" + strings.Repeat("-|", 500) + "\n" + strings.Repeat("a\n", 500)},
		{"a long text", strings.Repeat("a\n", Largest)},
	} {
		if got := string(HTML(c.text, 4)); !strings.HasPrefix(got, `<p class="note">`) || !strings.Contains(got, "a") {
			t.Errorf("%s: it becomes %.200s; want the text with a note", c.what, got)
		}
	}
	for _, c := range []struct{ what, text string }{
		{"a list of 500 items", strings.Repeat("- a\n", 500)},
		{"rules", strings.Repeat("- - -\n\n", 20)},
		{"a table of 200 rows", "|a|b|c|\n|-|-|-|\n" + strings.Repeat("|1|2|3|\n", 200)},
		{"numbers", strings.Repeat("3.14159 - 2.71828 * 1.41421\n", 100)},
	} {
		if got := string(HTML(c.text, 4)); strings.HasPrefix(got, `<p class="note">`) {
			t.Errorf("%s is shown as it is; want Markdown", c.what)
		}
	}
}

func nest(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

func FuzzHTML(f *testing.F) {
	for _, a := range attacks.All() {
		if len(a.Text) < 500 {
			f.Add(a.Text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, "fuzz", text) })
}
