package web

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
)

// static serves scripts and styles. A browser asks each time whether what it has is what there is.
func static() http.Handler {
	tags := map[string]string{}
	fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := staticFiles.ReadFile(name)
		tags["/"+name] = fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(content)))
		return err
	})
	files := http.FileServerFS(staticFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag, ok := tags[r.URL.Path]
		if !ok { // folders have no list
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
