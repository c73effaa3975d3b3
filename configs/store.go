package configs

import (
	"net/url"
	"path/filepath"
	"strings"

	"openarena/internal/secret"
)

// IsStoreURL reports whether a text names a database server, and is no path of a file.
func IsStoreURL(text string) bool {
	scheme, _, is := strings.Cut(text, "://")
	return is && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql"))
}

// StorePath is the file of the database; "" where a server keeps it.
func (c *Config) StorePath() string {
	if !c.Store.URL.Empty() {
		return ""
	}
	return c.Resolve(c.Store.Path)
}

// storeName is the database of a file that names none: the file's name with .db.
func storeName(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".db"
}

// store resolves where the records are.
func (r *resolver) store() {
	from := r.file.Store
	r.filled(from.Path, "path")
	r.filled(from.URL, "url")
	if from.Path.Set() && from.URL.Set() {
		r.faults.Add(from.URL.Mark, "path and url are both here: keep one")
	}
	if from.URL.Is == "" {
		r.config.Store.Path = from.Path.Is
		if from.Path.Is == "" {
			r.config.Store.Path = storeName(r.config.Path)
		}
		if IsStoreURL(from.Path.Is) {
			r.faults.Add(from.Path.Mark, "this is the address of a server, not a path: write url in place of path")
		}
		return
	}
	r.config.Store.URL = secret.New(from.URL.Is)
	u, err := url.Parse(from.URL.Is) // its error holds the address
	switch {
	case !IsStoreURL(from.URL.Is):
		r.faults.Add(from.URL.Mark, "url must begin with postgres://")
	case err != nil:
		r.faults.Add(from.URL.Mark, "url must be an address such as postgres://user@host:5432/database; "+
			"characters of a password that mean something there are written as %%40 for @, %%2F for /, %%3A for :, %%23 for #, %%25 for %%")
	case !from.URL.Varied && hasPassword(u):
		r.warnings.Add(from.URL.Mark, "store.url holds a password: keep it out of files, write ${NAME} and set that variable")
	}
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}
