package card

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// header is the YAML of a page. Of the old one everything stays as it was written but configs, where ours take the place
// of those of the same name, size_categories, and tags, which ours are added to. License and languages are replaced where they
// are stated anew.
func header(old string, c *Card) string {
	blocks := blocksOf(old)
	set := func(key, text string, replace bool) {
		for i := range blocks {
			if blocks[i].key == key {
				if replace {
					blocks[i].text = text
				}
				return
			}
		}
		if text != "" {
			blocks = append(blocks, block{key, text})
		}
	}
	license := ""
	if c.License != "" {
		license = "license: " + quoted(c.License) + "\n"
	}
	set("license", license, c.License != "")
	set("language", list("language", c.Languages), len(c.Languages) > 0)
	set("pretty_name", "pretty_name: "+quoted(plain(c.Repo[strings.IndexByte(c.Repo, '/')+1:], 96))+"\n", false)
	set("size_categories", list("size_categories", []string{sizeCategory(c.rows())}), true)
	set("task_categories", list("task_categories", []string{"text-generation"}), false)
	set("tags", list("tags", union(texts(find(blocks, "tags")), c.tags())), true)
	set("configs", configs(find(blocks, "configs"), c.Sets), true)
	var b strings.Builder
	for _, x := range blocks {
		b.WriteString(x.text)
	}
	return b.String()
}

// block is a key of the outermost level with its lines, and the comments before it.
type block struct{ key, text string }

func blocksOf(head string) (all []block) {
	pending := ""
	for line := range strings.Lines(head) {
		key, _, isKey := strings.Cut(line, ":")
		if isKey && !strings.ContainsAny(line[:1], " \t-#\"'{[") {
			all = append(all, block{key, pending + line})
			pending = ""
			continue
		}
		if line[0] == '#' || strings.TrimSpace(line) == "" || len(all) == 0 {
			pending += line
			continue
		}
		all[len(all)-1].text += pending + line
		pending = ""
	}
	if pending != "" {
		all = append(all, block{"", pending})
	}
	return all
}

func find(blocks []block, key string) string {
	for _, b := range blocks {
		if b.key == key {
			return b.text
		}
	}
	return ""
}

// texts are the values of a block that holds one or several.
func texts(text string) (all []string) {
	var fields map[string]any
	if yaml.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	for _, value := range fields {
		items, ok := value.([]any)
		if !ok {
			items = []any{value}
		}
		for _, item := range items {
			if s, ok := item.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

func list(key string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(key + ":\n")
	for _, v := range values {
		b.WriteString("- " + quoted(v) + "\n")
	}
	return b.String()
}

// tags name what the sets are for.
func (c *Card) tags() []string {
	all := []string{"openarena", "synthetic"}
	for _, s := range c.Sets {
		switch s.Type {
		case "preference", "reward":
			all = union(all, []string{"preference"})
		case "kto", "sft":
			all = union(all, []string{s.Type})
		case "ratings":
			all = union(all, []string{"leaderboard"})
		}
		if s.Trainer != "" {
			all = union(all, []string{s.Trainer})
		}
	}
	return all
}

// sizeCategory is the Hub's word for so many rows.
func sizeCategory(rows int) string {
	names := []string{"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B"}
	for at := 1000; len(names) > 1 && rows >= at; at *= 10 {
		names = names[1:]
	}
	return names[0]
}

// configs lists our sets, and then those of others, which stay.
func configs(old string, sets []Set) string {
	var b strings.Builder
	b.WriteString("configs:\n")
	var ours []string
	for i, s := range sets {
		ours = append(ours, s.Name)
		fmt.Fprintf(&b, "- config_name: %s\n", quoted(s.Name))
		if i == 0 {
			b.WriteString("  default: true\n")
		}
		b.WriteString("  data_files:\n")
		for _, f := range s.Files {
			fmt.Fprintf(&b, "  - split: %s\n    path: %s\n", f.Split, quoted(f.Path))
		}
	}
	var fields struct {
		Configs []yaml.MapSlice `yaml:"configs"`
	}
	if yaml.Unmarshal([]byte(old), &fields) != nil {
		return b.String()
	}
	for _, c := range fields.Configs {
		name, _ := c.ToMap()["config_name"].(string)
		if slices.Contains(ours, name) {
			continue
		}
		theirs := slices.DeleteFunc(slices.Clone(c), func(item yaml.MapItem) bool { return item.Key == "default" }) // there is one
		if text, err := yaml.Marshal([]yaml.MapSlice{theirs}); err == nil {
			b.Write(text)
		}
	}
	return b.String()
}
