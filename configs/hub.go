package configs

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// OnHub reports whether a dataset lies on the Hugging Face Hub; else it is local files.
func (d Dataset) OnHub() bool { return d.Name != "" || IsHubAddress(d.Path) }

const hubScheme = "hf://"

// IsHubAddress reports whether a path is an address on the Hugging Face Hub, right or wrong.
func IsHubAddress(path string) bool { return strings.HasPrefix(path, hubScheme) }

// HubAddress is hf://datasets/ORG/NAME[@REVISION][/PATTERN], as the Python libraries write it.
type HubAddress struct {
	ID       string // ORG/NAME
	Revision string // "": none is given
	Pattern  string // files, with slashes; "": those of a split
}

// revisionInAddress finds the revisions that hold slashes, which end where one without would go on.
var revisionInAddress = regexp.MustCompile(`^refs/(convert|pr)/[^/]+`)

// ParseHubAddress reads an address.
func ParseHubAddress(text string) (HubAddress, error) {
	rest, ok := strings.CutPrefix(text, hubScheme)
	if !ok {
		return HubAddress{}, fmt.Errorf("%s does not begin with %s", text, hubScheme)
	}
	rest, ok = strings.CutPrefix(rest, "datasets/")
	if !ok {
		return HubAddress{}, fmt.Errorf("%s is no address of a dataset; write hf://datasets/ORG/NAME", text)
	}
	org, rest, ok := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	if !ok || org == "" {
		return HubAddress{}, fmt.Errorf("%s names no dataset; write hf://datasets/ORG/NAME", text)
	}
	var a HubAddress
	name, after, _ := strings.Cut(rest, "/")
	if name, revision, ok := strings.Cut(name, "@"); ok {
		a.ID = org + "/" + name
		_, all, _ := strings.Cut(rest, "@")
		if long := revisionInAddress.FindString(all); long != "" {
			revision, after = long, strings.TrimPrefix(strings.TrimPrefix(all, long), "/")
		}
		var err error
		if a.Revision, err = url.PathUnescape(revision); err != nil || a.Revision == "" {
			return a, fmt.Errorf("%s: behind the @ a branch, a tag or a commit is expected", text)
		}
	} else {
		a.ID = org + "/" + name
	}
	if a.Pattern = after; strings.HasSuffix(a.ID, "/") {
		return a, errors.New(text + " names no dataset; write hf://datasets/ORG/NAME")
	}
	return a, nil
}
