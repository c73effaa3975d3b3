package browser

import (
	"bytes"
	"regexp"
	"testing"
)

// pdfPage begins each page of a PDF.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// printed fails a page that is none on paper.
func printed(t *testing.T, tab *Tab) {
	t.Helper()
	pdf := must[[]byte](t)(tab.PDF())
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("the document begins with %q; want a PDF", pdf[:min(len(pdf), 20)])
	}
	if n := len(pdfPage.FindAll(pdf, -1)); n == 0 {
		t.Errorf("%d bytes of PDF hold %d pages", len(pdf), n)
	} else {
		t.Logf("%d pages, %d bytes", n, len(pdf))
	}
}
