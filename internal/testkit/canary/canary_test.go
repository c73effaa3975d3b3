package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      bool
	}{
		{"nothing", "the key is ***, and sk-0123456789abcdef is another", false},
		{"raw", "key " + Key + "!", true},
		{"upper case", strings.ToUpper(Key), true},
		{"its beginning", "key " + Key[:14] + "…", true},
		{"its end", "…" + Key[len(Key)-14:], true},
		{"too little", Key[:8], false},
		{"in a query", "?k=" + url.QueryEscape(Key), true},
		{"in a path", "/" + url.PathEscape(Key), true},
		{"in JSON", fmt.Sprintf("%+q", Key), true},
		{"in HTML-safe JSON", strings.ReplaceAll(Key, "&", `\u0026`), true},
		{"in hex", hex.EncodeToString([]byte(Key)), true},
		{"in base64", base64.StdEncoding.EncodeToString([]byte(Key)), true},
		{"in base64, behind a user", base64.StdEncoding.EncodeToString([]byte("me:" + Key)), true},
		{"in base64, behind another user", base64.URLEncoding.EncodeToString([]byte("user:" + Key)), true},
		{"in base64, behind a third", base64.StdEncoding.EncodeToString([]byte("some:" + Key + ":end")), true},
	} {
		if got := Find([]byte("before\x00" + c.text + "\nafter")); (got != "") != c.want {
			t.Errorf("%s: Find = %q; want a hit: %t", c.why, got, c.want)
		}
	}
}

func TestFindFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "x", "b": Key, "allowed": Key, Key[:10] + url.PathEscape(Key): "x"} {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "_")), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, files, err := FindFiles(dir, "allowed")
	if err != nil || files != 3 || len(found) != 2 {
		t.Errorf("FindFiles = %q, %d files, %v; want the file b and a name, of 3 files", found, files, err)
	}
}
