package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// WriteBeside writes what a trainer needs beside a file that WriteFile wrote with these options, and returns the names of what
// it wrote: an entry of dataset_info.json for LLaMA-Factory, which keeps the others, and a part of a configuration for axolotl.
// Beside what is no regular file, such as a pipe, it writes nothing.
func WriteBeside(path string, o Options) ([]string, error) {
	if trainings[o.Type] == nil {
		return nil, nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	name := besideName(path, o)
	switch o.For {
	case "llama-factory":
		old, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		text, err := mergeDatasetInfo(old, infoEntries(path, o))
		if err != nil {
			return nil, fmt.Errorf("%s is not what LLaMA-Factory reads, and is as it was: %w; mend or move it, and export again", name, err)
		}
		return []string{name}, replaceText(name, text)
	case "axolotl":
		return []string{name}, replaceText(name, axolotlPart(filepath.Base(path), o))
	}
	return nil, nil
}

// besideName is the name of what a trainer needs beside a file; "" where it needs nothing.
func besideName(path string, o Options) string {
	switch {
	case trainings[o.Type] == nil:
	case o.For == "llama-factory":
		return filepath.Join(filepath.Dir(path), "dataset_info.json")
	case o.For == "axolotl":
		return strings.TrimSuffix(path, filepath.Ext(path)) + ".axolotl.yaml"
	}
	return ""
}

// LoadingLine says how a trainer loads the file, in one line of its own language; "" where the file that is beside it says so.
func LoadingLine(path string, o Options) string {
	if trainings[o.Type] == nil {
		return ""
	}
	eval := ""
	if o.EvalSplit > 0 {
		eval = EvalPath(path)
	}
	switch o.For {
	case "", "trl":
		reader := o.format()
		if reader == "jsonl" {
			reader = "json"
		}
		if eval != "" {
			return fmt.Sprintf("load_dataset(%q, data_files={\"train\": %s, \"test\": %s})", reader, strconv.Quote(path), strconv.Quote(eval))
		}
		return fmt.Sprintf("load_dataset(%q, data_files=%s, split=\"train\")", reader, strconv.Quote(path))
	case "llama-factory":
		all := infoEntries(path, o)
		line := fmt.Sprintf("dataset_dir: %s, dataset: %s", filepath.Dir(path), all[0].name)
		if eval != "" {
			line += ", eval_dataset: " + all[1].name
		}
		return line
	case "openrlhf":
		return openrlhfLine(path, eval, o.Type)
	case "verl":
		if o.Type == "preference" {
			return fmt.Sprintf("verl.utils.dataset.RMDataset(%s, tokenizer)", strconv.Quote(path))
		}
		line := "data.messages_key=messages data.train_files=" + shellQuote(path)
		if eval != "" {
			line += " data.val_files=" + shellQuote(eval)
		}
		return line
	}
	return ""
}

func openrlhfLine(path, eval, kind string) string {
	line := map[string]string{
		"preference": "openrlhf.cli.train_dpo --data.prompt_key prompt",
		"reward":     "openrlhf.cli.train_rm --model.margin_loss_enable --data.prompt_key prompt",
		"sft":        "openrlhf.cli.train_sft --data.input_key messages",
	}[kind]
	line = "python -m " + line + " --data.apply_chat_template --data.dataset " + shellQuote(path)
	if eval != "" {
		line += " --eval.dataset " + shellQuote(eval)
	}
	return line
}

// Caution says what goes wrong when the trainer reads this format as it is; "" where nothing does.
func Caution(o Options) string {
	switch {
	case trainings[o.Type] == nil:
		return ""
	case o.format() == "csv":
		return "the cells hold lists as JSON, which trl takes for the text itself: decode them first, or export jsonl"
	case o.For == "verl" && o.format() != "parquet":
		return "verl reads parquet only"
	}
	return ""
}

// shellQuote is a word as a shell reads it.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
