package configs

import (
	"fmt"
	"regexp"
	"strings"
)

// Upload is a dataset on the Hub that a run ends in.
type Upload struct {
	Repo    string   `json:"repo"`    // org/name
	Types   []string `json:"types"`   // of export that go there
	License string   `json:"license"` // that the file states; "": none
}

// String says what goes there.
func (u Upload) String() string {
	return fmt.Sprintf("at its end `run` uploads %s to %s", strings.Join(u.Types, ", "), u.Repo)
}

// Uploads are those that the exports ask for, in their order; never nil.
func (c *Config) Uploads() []Upload {
	all := []Upload{}
	at := map[string]int{}
	for _, x := range c.Export {
		if x.Upload == "" {
			continue
		}
		i, known := at[x.Upload]
		if !known {
			i = len(all)
			at[x.Upload] = i
			all = append(all, Upload{Repo: x.Upload})
		}
		all[i].Types = append(all[i].Types, x.Type)
		if x.License != "" {
			all[i].License = x.License
		}
	}
	return all
}

// LicenseID is what identifiers of licenses on the Hub look like.
var LicenseID = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]{0,40}$`)
