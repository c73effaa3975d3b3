package dataset

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Which files of a set on the Hub make up a split is decided as the Python library `datasets` decides it (its
// data_files.py and load.py): what the README says counts; else names such as data/train-00000-of-00002.parquet; else words
// such as train and test in the names of folders, then of files; else all files are the split train.

const (
	defaultConfig = "default"
	train         = "train"
)

// layout is the files of a set and what its README says about them.
type layout struct {
	paths []string // sorted
	card  card
}

// files are those of a split of a configuration, in the order in which they are read.
func (l layout) files(configName, splitName string) ([]string, error) {
	c, err := l.config(configName)
	if err != nil {
		return nil, err
	}
	paths, dir := l.paths, path.Clean("/" + c.dir)[1:]
	splits := c.splits
	if splits == nil {
		splits = guess(inside(paths, dir))
	}
	var names []string
	found := map[string][]string{}
	for _, s := range splits {
		if found[s.name], err = l.resolve(dir, s); err != nil {
			return nil, err
		}
		names = append(names, s.name)
	}
	if len(splits) == 0 {
		return nil, unusable("it holds no data; its files: %s", list(paths))
	}
	chosen, ok := found[splitName]
	if !ok {
		return nil, unusable("no split %q; splits here: %s", splitName, list(names))
	}
	return readable(chosen, splitName)
}

// config is the one of that name. The name default also means the only one, or the one that is marked.
func (l layout) config(name string) (config, error) {
	all := l.card.configs
	if len(all) == 0 {
		if name == defaultConfig {
			return config{}, nil
		}
		return config{}, unusable("no config %q: it has one only, default", name)
	}
	var names []string
	var chosen []config
	for _, c := range all {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
		if c.isDefault || len(all) == 1 {
			chosen = append(chosen, c)
		}
	}
	switch {
	case name != defaultConfig:
		return config{}, unusable("no config %q; configs here: %s", name, list(names))
	case len(chosen) == 1:
		return chosen[0], nil
	}
	return config{}, unusable("none of its configs is the default one; choose with config: %s", list(names))
}

// resolve are the files of a split below a folder.
func (l layout) resolve(dir string, s split) ([]string, error) {
	if s.files != nil {
		all := make([]string, len(s.files))
		for i, f := range s.files {
			all[i] = path.Join(dir, f)
		}
		return all, nil
	}
	full := make([]string, len(s.patterns))
	for i, p := range s.patterns {
		if strings.Contains(p, "://") {
			return nil, unusable("its README names %s, which lies elsewhere; give that address under `path`, if it is on the Hub", show(p))
		}
		full[i] = path.Join(dir, p)
	}
	return resolve(l.paths, full), nil
}

// inside are the paths in a folder, relative to it.
func inside(paths []string, dir string) (relative []string) {
	if dir == "" {
		return paths
	}
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(p, dir+"/"); ok {
			relative = append(relative, rest)
		}
	}
	return relative
}

var sharded = regexp.MustCompile(`^data/(.+)-[0-9]{5}-of-[0-9]{5}[^/]*\.[^/]*$`)

// keywords are the words by which a split is known.
var keywords = []struct {
	split string
	words []string
}{
	{train, []string{"train", "training"}},
	{"validation", []string{"validation", "valid", "dev", "val"}},
	{"test", []string{"test", "testing", "eval", "evaluation"}},
}

// wordIn matches a name that holds one of the words between separators. A folder may end with it, a file may not.
func wordIn(words []string, folder bool) *regexp.Regexp {
	const sep = `[-._ 0-9]`
	end := sep
	if folder {
		end = `(` + sep + `|$)`
	}
	return regexp.MustCompile(`^(.*` + sep + `)?(` + strings.Join(words, "|") + `)` + end)
}

// guess tells splits from the names of files.
func guess(paths []string) []split {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return ignored(p) || hidden(p) })
	if splits := guessShards(paths); splits != nil {
		return splits
	}
	for _, folders := range []bool{true, false} {
		var splits []split
		for _, k := range keywords {
			word := wordIn(k.words, folders)
			if names := holding(paths, word, folders); len(names) > 0 {
				splits = append(splits, split{name: k.split, files: names})
			}
		}
		if splits != nil {
			return splits
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return []split{{name: train, files: paths}}
}

// guessShards finds data/NAME-00000-of-00001.ENDING.
func guessShards(paths []string) (splits []split) {
	for _, p := range paths {
		m := sharded.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		i := slices.IndexFunc(splits, func(s split) bool { return s.name == m[1] })
		if i < 0 {
			i = len(splits)
			splits = append(splits, split{name: m[1]})
		}
		splits[i].files = append(splits[i].files, p)
	}
	order := func(name string) int {
		for i, k := range keywords {
			if k.split == name {
				return i
			}
		}
		return len(keywords)
	}
	slices.SortStableFunc(splits, func(a, b split) int { return cmp.Compare(order(a.name), order(b.name)) })
	return splits
}

// holding are the paths with such a word in one of their folders, or in the name of the file.
func holding(paths []string, word *regexp.Regexp, folders bool) (names []string) {
	for _, p := range paths {
		parts := strings.Split(p, "/")
		looked := parts[len(parts)-1:]
		if folders {
			looked = parts[:len(parts)-1]
		}
		if slices.ContainsFunc(looked, word.MatchString) {
			names = append(names, p)
		}
	}
	return names
}

// ignored are files that describe a set, and are not its data.
func ignored(name string) bool {
	switch path.Base(name) {
	case "README.md", "config.json", "dataset_info.json", "dataset_infos.json", "dummy_data.zip", "dataset_dict.json":
		return true
	}
	return false
}

// hidden reports whether a file, or a folder that holds it, is not data unless it is asked for.
func hidden(name string) bool { return strings.Contains("/"+name, "/.") || reserved(name) }

// reserved reports whether a file lies in a folder such as __pycache__.
func reserved(name string) bool { return strings.Contains("/"+path.Dir(name), "/__") }

// globOf writes a pattern of the Python library as Go reads it.
func globOf(pattern string) string { return strings.ReplaceAll(path.Clean(pattern), "[!", "[^") }

// resolve are the files of patterns, each once: in the order of the patterns, and of names below one pattern.
func resolve(paths, patterns []string) (names []string) {
	taken := map[string]bool{}
	for _, pattern := range patterns {
		segments := strings.Split(globOf(pattern), "/")
		asked := reserved(pattern)
		among := paths
		if !strings.ContainsAny(pattern, `*?[\`) { // READMEs may list thousands of files by their names
			at, found := slices.BinarySearch(paths, path.Clean(pattern))
			if !found {
				continue
			}
			among = paths[at : at+1]
		}
		for _, p := range among {
			if ignored(p) && path.Base(p) != path.Base(pattern) || reserved(p) && !asked {
				continue
			}
			if !taken[p] && leads(segments, strings.Split(p, "/")) {
				taken[p] = true
				names = append(names, p)
			}
		}
	}
	return names
}

// kinds are endings that the Python library reads as one format; the first of each that is read here speaks for it.
var kinds = map[string]string{"tsv": "csv", "jsonl": "json", "ndjson": "json"}

// foreign are endings that make a set, and are not read here.
var foreign = []string{"arrow", "zip", "tar", "tgz", "7z", "rar", "bz2", "xz", "h5", "hdf5", "lance", "xml", "wav", "mp3", "flac", "mp4", "png", "jpg", "jpeg", "webp", "pdf", "bin", "safetensors", "pkl"}

// readable leaves of the files of a split those of the format that most of them have, as the Python library does.
func readable(names []string, splitName string) ([]string, error) {
	if len(names) == 0 {
		return nil, unusable("no file of the split %s is there: its README names files that it does not have", splitName)
	}
	counts := map[string]int{}
	for _, n := range names {
		counts[kindOf(n)]++
	}
	rank := []string{"parquet", "json", "csv", "txt"}
	best, most := "", 0
	for kind, n := range counts {
		better := n > most || n == most && cmp.Compare(indexOr(rank, kind), indexOr(rank, best)) < 0
		if kind != "" && better {
			best, most = kind, n
		}
	}
	chosen := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return kindOf(n) != best || !known(n) })
	if len(chosen) == 0 {
		return nil, unusable("the split %s is in a format that is not read here (%s); formats that are: %s, each also .gz or .zst. "+
			"The Hub may have made Parquet of it: try revision: %s", splitName, list(names), knownFormats(), conversion)
	}
	return chosen, nil
}

func indexOr(list []string, s string) int {
	if i := slices.Index(list, s); i >= 0 {
		return i
	}
	return len(list)
}

func known(name string) bool {
	_, _, err := formatOf(name)
	return err == nil
}

// kindOf is the format of a file, whether it is read here or not; "" for what is no data.
func kindOf(name string) string {
	_, endings, _ := strings.Cut(strings.ToLower(path.Base(name)), ".")
	for ending := range strings.SplitSeq(endings, ".") {
		if kind, ok := kinds[ending]; ok {
			return kind
		}
		if formats[ending] != nil || slices.Contains(foreign, ending) {
			return ending
		}
	}
	return ""
}
