package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"openarena/configs"
	"openarena/internal/hub"
)

// address is a dataset on the Hub, and what of it is meant.
type address struct {
	configs.HubAddress
	config, split string
}

// IsLocal reports whether a text names files of this machine, rather than a set on the Hub: such a file is there, or only a
// file can be called so.
func IsLocal(text string) bool {
	_, _, unknown := formatOf(text)
	_, err := os.Stat(text)
	return err == nil || unknown == nil || hub.CheckID(text) != nil || strings.ContainsAny(text, `*?[`)
}

// splitPattern is what the Python library takes for the name of a split.
var splitPattern = regexp.MustCompile(`^\w+(\.\w+)*$`)

func addressOf(d configs.Dataset) (address, error) {
	at := address{configs.HubAddress{ID: d.Name, Revision: d.Revision}, cmp.Or(d.Config, defaultConfig), cmp.Or(d.Split, train)}
	if d.Name == "" {
		var err error
		if at.HubAddress, err = configs.ParseHubAddress(d.Path); err != nil {
			return at, &UsageError{err}
		}
	}
	at.Revision = cmp.Or(at.Revision, "main")
	if err := hub.CheckID(at.ID); err != nil {
		return at, &UsageError{err}
	}
	if strings.ContainsAny(at.split, "[+") {
		return at, unusable("split %q: one whole split is read; choose rows of it with offset and limit", at.split)
	}
	if !splitPattern.MatchString(at.split) {
		return at, unusable("split %q: a name such as train is expected", at.split)
	}
	if _, err := path.Match(globOf(at.Pattern), ""); err != nil {
		return at, unusable("%s: %w", at.Pattern, err)
	}
	return at, nil
}

// pinned is a set on the Hub that was resolved before. The Hub is asked for nothing until rows are wanted.
type pinned struct {
	settings configs.Dataset
	from     From
}

var _ Source = pinned{}

func (p pinned) Fingerprint(context.Context) (string, error) { return p.from.Pin.Digest, nil }
func (p pinned) Stat(context.Context) (string, error)        { return p.from.Pin.Digest, nil }
func (p pinned) Pin(context.Context) (Pin, error)            { return p.from.Pin, nil }

func (p pinned) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		s, err := open(ctx, p.settings, p.from)
		if err != nil {
			yield(Row{}, err)
			return
		}
		s.Rows(ctx)(yield)
	}
}

// locate asks the Hub which files there are, and finds those that are meant.
func (at address) locate(ctx context.Context, from From) (*files, error) {
	set, err := from.Hub.Set(ctx, at.ID, cmp.Or(from.Pin.Commit, at.Revision))
	if err != nil {
		return nil, err
	}
	fs := &files{pattern: at.ID, place: shelf{from.Hub, set}, commit: set.Commit}
	if at.Pattern != "" {
		fs.pattern = at.Pattern
		fs.names, err = at.matches(set)
		return fs, err
	}
	card, err := readCard(ctx, from.Hub, set)
	if err != nil {
		return nil, err
	}
	if len(card.configs) == 0 {
		card = foldersAsConfigs(pathsOf(set))
	}
	if len(card.configs) == 0 && scripted(set) {
		return at.converted(ctx, from)
	}
	fs.names, err = layout{paths: pathsOf(set), card: card}.files(at.config, at.split)
	return fs, err
}

// matches are the files of the pattern of an address.
func (at address) matches(set *hub.Set) ([]string, error) {
	names := resolve(pathsOf(set), []string{at.Pattern})
	if len(names) == 0 {
		return nil, unusable("%s has no file %s at %s; it has %s", set.ID, at.Pattern, set.Commit[:7], list(pathsOf(set)))
	}
	for _, name := range names {
		if _, _, err := formatOf(name); err != nil {
			return nil, &UsageError{err}
		}
	}
	return names, nil
}

func pathsOf(set *hub.Set) []string {
	paths := make([]string, len(set.Files))
	for i, f := range set.Files {
		paths[i] = f.Path
	}
	return paths
}

// conversion is the branch on which the Hub keeps Parquet files of sets that come with a script, or in formats that few read:
// CONFIG/SPLIT/0000.parquet.
const conversion = "refs/convert/parquet"

var convertedPath = regexp.MustCompile(`^([^/]+)/([^/]+)/\d{4}\.parquet$`)

// scripted reports whether a set is made by a program, which is not run here.
func scripted(set *hub.Set) bool {
	_, found := set.Find(path.Base(set.ID) + ".py")
	return found
}

// converted finds the files in the Hub's own conversion to Parquet.
func (at address) converted(ctx context.Context, from From) (*files, error) {
	set, err := from.Hub.Set(ctx, at.ID, conversion)
	var refused *hub.Error
	if errors.As(err, &refused) && refused.Code == "RevisionNotFound" {
		return nil, unusable("%s is made by a script, which is not run here, and the Hub has no conversion of it to Parquet", at.ID)
	}
	if err != nil {
		return nil, err
	}
	names, err := layout{paths: pathsOf(set), card: foldersAsConfigs(pathsOf(set))}.files(at.config, at.split)
	return &files{pattern: at.ID, names: names, place: shelf{from.Hub, set}, commit: set.Commit}, err
}

// foldersAsConfigs is what the README of a conversion would say, if it had one. Other sets have none of its files.
func foldersAsConfigs(paths []string) card {
	var c card
	for _, p := range paths {
		m := convertedPath.FindStringSubmatch(p)
		switch {
		case m == nil && (hidden(p) || ignored(p) || path.Ext(p) == ".py"):
			continue
		case m == nil:
			return card{}
		}
		i := slices.IndexFunc(c.configs, func(has config) bool { return has.name == m[1] })
		if i < 0 {
			i = len(c.configs)
			c.configs = append(c.configs, config{name: m[1]})
		}
		if has := &c.configs[i]; !slices.ContainsFunc(has.splits, func(s split) bool { return s.name == m[2] }) {
			has.splits = append(has.splits, split{name: m[2], patterns: []string{literal.Replace(m[1]+"/"+m[2]) + "/*.parquet"}})
		}
	}
	return c
}

// list names things for a message; not too many.
func list(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "none"
	}
	shown := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		shown = append(shown, show(n))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
