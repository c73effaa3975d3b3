package attacks

import (
	"regexp"
	"strings"
	"testing"
)

func TestCorpus(t *testing.T) {
	all := All()
	if len(all) < 60 {
		t.Errorf("there are %d attacks; want at least 60", len(all))
	}
	seen := map[string]bool{}
	for _, a := range all {
		if seen[a.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(a.Name) || a.Text == "" || a.Would == "" {
			t.Errorf("attack %q is named twice, or lacks something", a.Name)
		}
		seen[a.Name] = true
	}
	if n := len(Lines()); n < 60 {
		t.Errorf("%d attacks are lines; want at least 60", n)
	}
}

// TestAuditFindsWhatIsPlanted: put into a page as they are, the attacks that are HTML are found.
func TestAuditFindsWhatIsPlanted(t *testing.T) {
	const page = `<!DOCTYPE html><html lang="en"><head><title>x</title><link rel="stylesheet" href="/static/style.css"></head><body><main id="main">%</main></body></html>`
	if wrong := Audit(strings.Replace(page, "%", `<p class="note" dir="auto">good <a href="/run">run</a></p>`, 1), false); wrong != nil {
		t.Errorf("Audit finds %q in a page that is good", wrong)
	}
	for kind, all := range map[string][]Attack{"scripts": scripts, "handlers": handlers, "foreign": foreign, "styles": styles[:4]} {
		for _, a := range all {
			if a.Name == "xml" || a.Name == "dangling" { // the first is a comment, the second needs a quote that comes later
				continue
			}
			if Audit(strings.Replace(page, "%", a.Text, 1), false) == nil {
				t.Errorf("%s: Audit finds nothing wrong with %s", kind, a.Text)
			}
		}
	}
	for _, broken := range []string{
		`<p title="` + "\" onmouseover=\"alert(1)\" x=\"" + `">x</p>`,
		`<a href="javascript:alert(1)">x</a>`, `<a href="//attacks.invalid/">x</a>`, `<a href="https://attacks.invalid/">x</a>`,
		`<p style="color:red">x</p>`, `<p id="main">x</p>`, `<script>1</script>`, `<form action="https://example.org">x</form>`,
	} {
		if Audit(strings.Replace(page, "%", broken, 1), false) == nil {
			t.Errorf("Audit finds nothing wrong with %s", broken)
		}
	}
	for _, pack := range []string{`<img src="x">`, `<p id="main">x</p>`, `</script><img src="x">`, `<script>1`} {
		if Audit(strings.Replace(page, "%", `<script type="text/html" id="p-1">`+pack+`</script>`, 1), true) == nil {
			t.Errorf("Audit finds nothing wrong with %s in a pack", pack)
		}
	}
}
