// Package canary is a made-up API key, and a search for it that no encoding in use hides it from.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Key is the canary. URLs, base64 and JSON each write some of its characters otherwise.
const Key = "sk-CANARY/proj+7f3a=Qx&9Zr_b2Kd-5uWv"

// piece is how many characters in a row give a key away: a message may show it in part.
const piece = 12

// form is one way to write the key.
type form struct{ name, text string }

// forms are all ways, lower case.
func forms() []form {
	quoted, _ := json.Marshal(Key) // a string: cannot fail
	all := []form{
		{"raw", Key}, {"in a query", url.QueryEscape(Key)}, {"in a path", url.PathEscape(Key)},
		{"in JSON", strings.Trim(string(quoted), `"`)}, {"in hex", hex.EncodeToString([]byte(Key))},
	}
	// It may begin at any of three places of a longer text, such as "user:KEY".
	for shift, skip := range []int{0, 2, 3} {
		shifted := append(make([]byte, shift), Key...)
		all = append(all, form{"in base64", base64.RawStdEncoding.EncodeToString(shifted)[skip:]},
			form{"in base64 of URLs", base64.RawURLEncoding.EncodeToString(shifted)[skip:]})
	}
	for i := range all {
		all[i].text = strings.ToLower(all[i].text)
	}
	return all
}

// pieces are all parts of all forms that give the key away, with the form's name.
var pieces = func() map[string]string {
	all := map[string]string{}
	for _, f := range forms() {
		for i := 0; i+piece <= len(f.text); i++ {
			all[f.text[i:i+piece]] = f.name
		}
	}
	return all
}()

// Find returns where in data the key is, or a piece of it, and in which form; "" if nowhere.
func Find(data []byte) string {
	low := bytes.ToLower(data)
	for i := 0; i+piece <= len(low); i++ {
		if name, ok := pieces[string(low[i:i+piece])]; ok {
			return fmt.Sprintf("%s, at byte %d: …%q…", name, i, low[max(0, i-20):min(len(low), i+60)])
		}
	}
	return ""
}

// FindFiles searches every file below dir, and the names of files, but for those that are allowed to hold the key. It
// returns what it found and how many files it read.
func FindFiles(dir string, allowed ...string) (found []string, files int, err error) {
	may := map[string]bool{}
	for _, name := range allowed {
		may[filepath.Join(dir, name)] = true
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || may[path] {
			return err
		}
		if where := Find([]byte(d.Name())); where != "" {
			found = append(found, fmt.Sprintf("the name %s: %s", path, where))
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if where := Find(data); where != "" {
			found = append(found, fmt.Sprintf("%s: %s", path, where))
		}
		files++
		return err
	})
	return found, files, err
}
