package style

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCount(t *testing.T) {
	for _, test := range []struct {
		why, text string
		want      Counts // without Length
	}{
		{"nothing", "", Counts{}},
		{"plain words", "Canberra is the capital.", Counts{}},
		{"headers of six levels", "# a\n## b\n### c\n#### d\n##### e\n###### f\n####### g", Counts{Headers: 6}},
		{"a header needs a blank", "#hashtag\n#\n# ", Counts{Headers: 2}},
		{"a header may be indented a little", "   # a\n    # code\n\t# code", Counts{Headers: 1}},
		{"a header in a sentence is none", "see # 5", Counts{}},
		{"bullets of all kinds", "- a\n* b\n+ c\n  - deeper\n\t\t* deepest", Counts{Lists: 5}},
		{"numbers of both kinds", "1. a\n2) b\n  10. c\n1.5 is no item\n1234567890. too long", Counts{Lists: 3}},
		{"an item has text", "-\n- \n1.\n*", Counts{}},
		{"dashes in a sentence", "a - b\n-5 degrees\n--- \n- - -\n* * *\n***\n___", Counts{}},
		{"bold of both kinds", "**a** and __b__ and **c d e**", Counts{Bold: 3}},
		{"bold ends on its line", "**a\nb** and **c", Counts{}},
		{"bold is close to its text", "2 ** 3 ** 4, ** a **", Counts{}},
		{"bold with italics inside and around", "**a *b* c** and ***d***", Counts{Bold: 2}},
		{"bold inside a word", "un**frigging**believable", Counts{Bold: 1}},
		{"names with underlines are not bold", "my__dunder__name and x__y", Counts{}},
		{"underlines that end with a word have not begun in one", "my__dunder__ name, __dunder__name", Counts{}},
		{"italics are not bold", "*a* _b_", Counts{}},
		{"escaped stars", `\*\*a\*\* and \**b\**`, Counts{}},
		{"code in a sentence is not bold", "`__init__` and ``a ` **b** ``, but **`c`**", Counts{Bold: 1}},
		{"an open backtick is only a backtick", "` **a**", Counts{Bold: 1}},
		{"bold items and headers count as both", "## **a**\n- **b**: c\n* *d*", Counts{Headers: 1, Lists: 2, Bold: 2}},
		{"fences hide all", "```\n# a\n- b\n**c**\n```\n# d", Counts{Headers: 1}},
		{"fences with a language, and tildes", "```sh\n# a\n```\n~~~\n# b\n~~~\n", Counts{}},
		{"a fence is closed by one like it", "````\n```\n# a\n~~~\n````\n# b", Counts{Headers: 1}},
		{"a closing fence has no language", "```\n# a\n```go\n# b\n```\n# c", Counts{Headers: 1}},
		{"a shorter fence closes none", "````\n# a\n```\n# b\n````\n# c\n# d", Counts{Headers: 2}},
		{"a fence of another kind closes none", "```\n# a\n~~~\n# b\n```\n# c\n# d", Counts{Headers: 2}},
		{"a fence with a language closes none", "```\n# a\n```go\n# b\n```\n# c\n# d", Counts{Headers: 2}},
		{"an open fence hides the rest", "# a\n```\n# b", Counts{Headers: 1}},
		{"a fence in a list", "- a\n  ```\n  # b\n  ```\n- c", Counts{Lists: 2}},
		{"backticks in a fence do not end it", "```\necho `date`\n# a\n```", Counts{}},
		{"three backticks in a sentence are no fence", "``` a ``` **b**\n# c", Counts{Headers: 1, Bold: 1}},
		{"text in a fence counts outside as well", "```\nx\n```\n- x\n", Counts{Lists: 1}},
		{"lines of Windows", "# a\r\n- b\r\n```\r\n# c\r\n```\r\n**d**\r\n", Counts{Headers: 1, Lists: 1, Bold: 1}},
		{"other scripts", "# 你好\n- **мир**\n1. **سلام**", Counts{Headers: 1, Lists: 2, Bold: 2}},
	} {
		got := Count(test.text)
		test.want.Length = utf8.RuneCountInString(test.text)
		if got != test.want {
			t.Errorf("%s: Count(%q) = %+v; want %+v", test.why, test.text, got, test.want)
		}
	}
}

// TestDifference: it has no unit, and its sign is that of who has more.
func TestDifference(t *testing.T) {
	for _, test := range []struct {
		a, b int
		want float64
	}{{3, 1, 0.5}, {1, 3, -0.5}, {200, 100, 1. / 3}, {0, 5, -1}, {7, 7, 0}, {0, 0, 0}} {
		if got := Difference(test.a, test.b); got != test.want {
			t.Errorf("Difference(%d, %d) = %v; want %v", test.a, test.b, got, test.want)
		}
	}
}

// TestFastChat are texts on which all agree, with what add_markdown_info.py counts.
func TestFastChat(t *testing.T) {
	const text = `# Answer
The **capital** of Australia is __Canberra__.

## Why
1. It lies between two rivals.
2. It was **planned**.
   - by Walter Burley Griffin
   * in 1912

` + "```python\nprint(1)\n```\n" + `
+ done`
	if got, want := Count(text), (Counts{Length: len(text), Headers: 2, Lists: 5, Bold: 3}); got != want {
		t.Errorf("Count = %+v; want %+v", got, want)
	}
}

// TestLinear: no text takes more looks at a byte than a few. Where it was quadratic this took minutes.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("long texts")
	}
	for _, part := range []string{"\n", " ", "#", "`", "** ", "**a", "__", "` ", "`` ` ", "- ", "1", "\\", "```\n", "~~~a\n"} {
		Count(strings.Repeat(part, 1<<18/len(part)))
	}
	var ticks strings.Builder // runs of all lengths, none closed
	for n := 1; n < 1500; n++ {
		ticks.WriteString(strings.Repeat("`", n) + "**")
	}
	Count(ticks.String())
}

// FuzzCount: counts are bounded by the text, lines are counted alone unless there is a fence, and a fence hides all.
func FuzzCount(f *testing.F) {
	f.Add("# a\n- **b** `c`\n```\n1. d\n```")
	f.Add("``` ` ```\n\\**a**\r\n__b__")
	f.Fuzz(func(t *testing.T, text string) {
		c := Count(text)
		lines := strings.Count(text, "\n") + 1
		if c.Length != utf8.RuneCountInString(text) || c.Headers+c.Lists > lines || 5*c.Bold > len(text) {
			t.Errorf("Count(%q) = %+v: more than there is room for", text, c)
		}
		hidden := Count("~~~~~~~~~~\n" + strings.ReplaceAll(text, "~", "") + "\n~~~~~~~~~~\n")
		if hidden.Headers+hidden.Lists+hidden.Bold > 0 {
			t.Errorf("Count(%q) in a fence = %+v", text, hidden)
		}
		if strings.Contains(text, "```") || strings.Contains(text, "~~~") {
			return
		}
		var sum Counts
		for line := range strings.SplitSeq(text, "\n") {
			one := Count(line)
			sum.Headers, sum.Lists, sum.Bold = sum.Headers+one.Headers, sum.Lists+one.Lists, sum.Bold+one.Bold
		}
		if sum.Length = c.Length; sum != c {
			t.Errorf("Count(%q) = %+v; its lines alone are %+v", text, c, sum)
		}
	})
}
