package dataset

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"openarena/configs"
)

// TestLayout has the cases of the documentation of `datasets` ("Structure your repository") and of its data_files.py.
func TestLayout(t *testing.T) {
	for _, test := range []struct {
		why           string
		paths         []string
		card          string // the header of README.md
		config, split string
		want          []string
		bad           string
	}{
		{"one file is train", []string{"README.md", "data.csv"}, "", "", "", []string{"data.csv"}, ""},
		{"words in names", []string{"test.csv", "train.csv"}, "", "", "test", []string{"test.csv"}, ""},
		{"words in names in a folder", []string{"data/my-train-0.csv", "data/my_test.csv"}, "", "", "train", []string{"data/my-train-0.csv"}, ""},
		{"a word is not part of another", []string{"a/trainer.csv", "a/x.csv"}, "", "", "", []string{"a/trainer.csv", "a/x.csv"}, ""},
		{"words in folders come before those in names", []string{"eval/train.csv", "train/a.csv", "train/b.csv"}, "", "", "train", []string{"train/a.csv", "train/b.csv"}, ""},
		{"a word inside the name of a folder", []string{"x-valid-1/a.csv", "x-train/a.csv"}, "", "", "validation", []string{"x-valid-1/a.csv"}, ""},
		{"dev is validation", []string{"dev.jsonl", "train.jsonl"}, "", "", "validation", []string{"dev.jsonl"}, ""},
		{"shards", []string{"data/random-00000-of-00002.csv", "data/random-00001-of-00002.csv", "data/train-00000-of-00001-ab12.csv", "other.csv"}, "", "", "random",
			[]string{"data/random-00000-of-00002.csv", "data/random-00001-of-00002.csv"}, ""},
		{"shards come before words", []string{"data/train-00000-of-00001.csv", "test.csv"}, "", "", "test", nil, `no split "test"; splits here: train`},
		{"hidden and descriptive files are no data", []string{".x/train.csv", "__pycache__/a.csv", "a.json", "dataset_infos.json"}, "", "", "", []string{"a.json"}, ""},
		{"the format of most files", []string{"LICENSE", "a.jsonl", "b.jsonl.gz", "notes.txt"}, "", "", "", []string{"a.jsonl", "b.jsonl.gz"}, ""},
		{"of as many, Parquet", []string{"a.csv", "a.parquet"}, "", "", "", []string{"a.parquet"}, ""},
		{"json and jsonl are one format", []string{"a.json", "b.jsonl", "c.csv"}, "", "", "", []string{"a.json", "b.jsonl"}, ""},
		{"a format that is not read", []string{"a.arrow", "b.arrow"}, "", "", "", nil, "format that is not read here (a.arrow, b.arrow); formats that are: csv"},
		{"an archive", []string{"train.csv.zip"}, "", "", "", nil, "format that is not read here (train.csv.zip)"},
		{"pictures", []string{"1.png", "2.png", "metadata.csv"}, "", "", "", nil, "format that is not read here"},
		{"nothing at all", []string{"README.md", ".gitattributes"}, "", "", "", nil, "it holds no data"},

		{"a pattern", []string{"a/1.csv", "b/1.csv"}, "configs: [{config_name: x, data_files: a/*.csv}]", "", "", []string{"a/1.csv"}, ""},
		{"a list", []string{"a/1.csv", "b/1.csv"}, "configs: [{config_name: x, data_files: [b/*, a/1.csv]}]", "", "", []string{"b/1.csv", "a/1.csv"}, ""},
		{"splits", []string{"a/1.csv", "b/1.csv", "b/2.csv"}, "configs: [{config_name: x, data_files: [{split: s, path: [b/2.csv, b/*]}]}]", "", "s", []string{"b/2.csv", "b/1.csv"}, ""},
		{"a map of splits", []string{"a/1.csv", "b/1.csv"}, "configs: [{config_name: x, data_files: {test: b/*, train: a/*}}]", "", "test", []string{"b/1.csv"}, ""},
		{"any depth", []string{"a/1.csv", "a/b/c/2.csv"}, "configs: [{config_name: x, data_files: 'a/**/*.csv'}]", "", "", []string{"a/1.csv", "a/b/c/2.csv"}, ""},
		{"everything below", []string{"a/1.csv", "a/b/c/2.csv", "x.csv"}, "configs: [{config_name: x, data_files: 'a/**'}]", "", "", []string{"a/1.csv", "a/b/c/2.csv"}, ""},
		{"not these letters", []string{"a1.csv", "b1.csv"}, "configs: [{config_name: x, data_files: '[!a]*.csv'}]", "", "", []string{"b1.csv"}, ""},
		{"a folder", []string{"a/train.csv", "a/test.csv", "train.csv"}, "configs: [{config_name: x, data_dir: a}]", "", "test", []string{"a/test.csv"}, ""},
		{"a folder with patterns", []string{"a/1.csv", "b/1.csv"}, "configs: [{config_name: x, data_dir: b, data_files: '*.csv'}]", "", "", []string{"b/1.csv"}, ""},
		{"a hidden file that is named", []string{".h/1.csv"}, "configs: [{config_name: x, data_files: .h/1.csv}]", "", "", []string{".h/1.csv"}, ""},
		{"a README names its only configuration", []string{"1.csv"}, "configs: [{config_name: x, data_files: 1.csv}]", "x", "", []string{"1.csv"}, ""},
		{"one is marked", []string{"1.csv", "2.csv"}, "configs: [{config_name: x, data_files: 1.csv}, {config_name: y, default: true, data_files: 2.csv}]", "", "", []string{"2.csv"}, ""},
		{"one is called default", []string{"1.csv", "2.csv"}, "configs: [{config_name: x, data_files: 1.csv}, {config_name: default, data_files: 2.csv}]", "default", "", []string{"2.csv"}, ""},
		{"none is the default", []string{"1.csv", "2.csv"}, "configs: [{config_name: x, data_files: 1.csv}, {config_name: y, data_files: 2.csv}]", "", "", nil, "choose with config: x, y"},
		{"an unknown one", []string{"1.csv"}, "configs: [{config_name: x, data_files: 1.csv}]", "z", "", nil, `no config "z"; configs here: x`},
		{"an unknown one where there are none", []string{"1.csv"}, "", "z", "", nil, `no config "z"`},
		{"an unknown split", []string{"1.csv"}, "configs: [{config_name: x, data_files: [{split: a, path: 1.csv}, {split: b, path: 1.csv}]}]", "", "", nil, `no split "train"; splits here: a, b`},
		{"files that are not there", []string{"1.csv"}, "configs: [{config_name: x, data_files: 2.csv}]", "", "", nil, "no file of the split train is there"},
		{"files elsewhere", []string{"1.csv"}, "configs: [{config_name: x, data_files: 'https://x.example/1.csv'}]", "", "", nil, "lies elsewhere"},
	} {
		c, err := parseCard([]byte(test.card))
		if err != nil {
			t.Errorf("%s: %v", test.why, err)
			continue
		}
		slices.Sort(test.paths)
		at, err := addressOf(configs.Dataset{Name: "org/set", Config: test.config, Split: test.split})
		if err != nil {
			t.Errorf("%s: %v", test.why, err)
			continue
		}
		got, err := layout{test.paths, c}.files(at.config, at.split)
		if test.bad != "" {
			var misfit *UsageError
			if !errors.As(err, &misfit) || !strings.Contains(err.Error(), test.bad) {
				t.Errorf("%s: files = %v, %v; want a *UsageError with %q", test.why, got, err, test.bad)
			}
			continue
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: files = %v, %v; want %v", test.why, got, err, test.want)
		}
	}
}

func TestCards(t *testing.T) {
	for _, test := range []struct{ why, readme, want, bad string }{
		{"a header", "---\nlicense: mit\nconfigs:\n- config_name: a\n---\n# Hello\n---\n", "a", ""},
		{"Windows", "\uFEFF---\r\nconfigs:\r\n- config_name: a\r\n---\r\n", "a", ""},
		{"no header", "# Hello\n---\nconfigs: 5\n---\n", "", ""},
		{"a header that does not end", "---\nconfigs:\n- config_name: a\n", "", ""},
		{"nothing about configurations", "---\nlicense: mit\n---\n", "", ""},
		{"not YAML", "---\na: [\n---\n", "", "not YAML"},
		{"no name", "---\nconfigs: [{data_files: x}]\n---\n", "", "no config_name"},
		{"a split twice", "---\nconfigs: [{config_name: a, data_files: [{split: x, path: a}, {split: x, path: b}]}]\n---\n", "", "split x twice"},
		{"a number for a pattern", "---\nconfigs: [{config_name: a, data_files: 5}]\n---\n", "", "a pattern"},
	} {
		c, err := parseCard(frontMatter([]byte(test.readme)))
		if test.bad != "" {
			if err == nil || !strings.Contains(err.Error(), test.bad) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v; want one line with %q", test.why, err, test.bad)
			}
			continue
		}
		var names []string
		for _, has := range c.configs {
			names = append(names, has.name)
		}
		if got := strings.Join(names, " "); err != nil || got != test.want {
			t.Errorf("%s: configs %q, %v; want %q", test.why, got, err, test.want)
		}
	}
}

func TestSettingsOfAHubDataset(t *testing.T) {
	for _, test := range []struct {
		d   configs.Dataset
		bad string
	}{
		{configs.Dataset{Name: "org/set", Split: "train[:100]"}, "offset and limit"},
		{configs.Dataset{Name: "org/set", Split: "train+test"}, "one whole split"},
		{configs.Dataset{Name: "org/set", Split: "a b"}, "a name such as train"},
		{configs.Dataset{Name: "../set"}, "not the name of a dataset"},
		{configs.Dataset{Name: "a/b/c"}, "not the name of a dataset"},
		{configs.Dataset{Path: "hf://datasets/org/set/[a"}, "syntax error"},
		{configs.Dataset{Name: "squad"}, ""},
		{configs.Dataset{Path: "hf://datasets/org/set@v1/*.csv"}, ""},
	} {
		err := Check(test.d)
		if test.bad == "" && err != nil || test.bad != "" && (err == nil || !strings.Contains(err.Error(), test.bad)) {
			t.Errorf("Check(%s, split %q) = %v; want %q", test.d.Label(), test.d.Split, err, test.bad)
		}
	}
}
