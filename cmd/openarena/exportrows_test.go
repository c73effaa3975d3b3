package main

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
)

// rows reads an export as any program would: by the names of its columns.
func (b *bytesTest) rows(kind, format string) (rows []map[string]any) {
	b.t.Helper()
	text := b.openarena("export", "--type", kind, "--format", format)
	switch format {
	case "json":
		if err := json.Unmarshal([]byte(text), &rows); err != nil {
			b.t.Fatal(err)
		}
	case "jsonl":
		for line := range strings.Lines(text) {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				b.t.Fatal(err)
			}
			rows = append(rows, row)
		}
	case "csv":
		table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			b.t.Fatal(err)
		}
		for _, line := range table[1:] {
			row := map[string]any{}
			for i, name := range table[0] {
				row[name] = line[i]
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// texts are the cells of a column. Go's reader of CSV turns line ends of Windows within quotes into ours; wanted makes the
// same of what is compared.
func texts(rows []map[string]any, column string) (all []string) {
	for _, row := range rows {
		text, _ := row[column].(string)
		all = append(all, text)
	}
	return all
}

func wanted(format string, all []string) []string {
	if format != "csv" {
		return all
	}
	all = slices.Clone(all)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], "\r\n", "\n")
	}
	return all
}

func (b *bytesTest) ranked(format string) {
	b.t.Helper()
	rows := b.rows("ranked", format)
	sameTexts(b.t, "prompts in ranked "+format, texts(rows, "prompt"), wanted(format, b.prompts))
	var got, want []string
	for _, row := range rows {
		var models []struct {
			Model    string `json:"model_name"`
			Response string
		}
		cell := row["ranked_models"]
		nested, ok := cell.(string)
		if !ok { // JSON within JSON needs no quotes
			text, err := json.Marshal(cell)
			if err != nil {
				b.t.Fatal(err)
			}
			nested = string(text)
		}
		if err := json.Unmarshal([]byte(nested), &models); err != nil {
			b.t.Fatal(err)
		}
		for _, m := range models {
			got = append(got, m.Model+"\x00"+m.Response)
		}
	}
	for _, by := range b.answers {
		for name, text := range by {
			want = append(want, name+"\x00"+text)
		}
	}
	sameTexts(b.t, "answers in ranked "+format, got, want)
}

func (b *bytesTest) battles(format string) {
	b.t.Helper()
	rows := b.rows("battles", format)
	explained := append([]string{"", ""}, b.mirror.explained...) // an empty answer forfeits both of its battles without a call
	sameTexts(b.t, "explanations in battles "+format, texts(rows, "explanation"), wanted(format, explained))
	var topics, names []string
	for _, prompt := range b.prompts {
		topics = append(topics, topic(prompt), topic(prompt))
		names = append(names, echoName, twinName)
	}
	sameTexts(b.t, "categories in battles "+format, texts(rows, "category"), wanted(format, topics))
	sameTexts(b.t, "names in battles "+format, texts(rows, "model_a"), wanted(format, names))
}

func (b *bytesTest) ratings(format string) {
	b.t.Helper()
	sameTexts(b.t, "names in ratings "+format, texts(b.rows("ratings", format), "model"), wanted(format, []string{echoName, twinName}))
}
