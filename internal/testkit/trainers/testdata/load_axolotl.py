"""Gives a file to axolotl's own loading code by the YAML lines beside it, under every rl that reads such rows."""

import os
import tempfile

os.environ["AXOLOTL_DO_NOT_TRACK"] = "1"

import yaml
from cases import run, truth, versions, want
from tiny import save

import axolotl.utils.data.rl
import axolotl.utils.data.sft
from axolotl.cli.args import PreprocessCliArgs
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets, load_preference_datasets

# What was prepared need not be kept, and keeping it starts a process of its own, which a busy machine does not see the end of.
for module in (axolotl.utils.data.rl, axolotl.utils.data.sft):
    module.save_preprocessed_dataset = lambda *_, **__: None

# What preference rows are for, beside what the stanza says: rl, and the type that rl has for conversations.
ALSO = [("ipo", None), ("simpo", None), ("orpo", "chat_template.argilla")]


def configure(case, out, rl=None, strategy=None):
    with open(case["stanza"], encoding="utf-8") as f:
        stanza = yaml.safe_load(f)
    for data in stanza["datasets"]:
        if not os.path.isabs(data["path"]):  # axolotl takes paths from where it is started
            data["path"] = os.path.join(os.path.dirname(case["file"]), data["path"])
        want(os.path.samefile(data["path"], case["file"]), f"the stanza names {data['path']}")
        if strategy:
            data["type"] = strategy
    if rl:
        stanza["rl"] = rl
    whole = {
        "base_model": save(f"{out}/tiny"), "chat_template": "tokenizer_default", "sequence_len": 16_384, "output_dir": out,
        "dataset_prepared_path": f"{out}/prepared-{rl}", "micro_batch_size": 1, "gradient_accumulation_steps": 1,
        "num_epochs": 1, "learning_rate": 1e-4, "optimizer": "adamw_torch", "bf16": False, "tf32": False,
        "val_set_size": 0, **stanza,
    }
    path = f"{out}/{rl}.yml"
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(whole, f)
    cfg = load_cfg(path)
    cfg.dataset_num_proc = None  # in this process: each further one would load torch anew
    return cfg


def text_of(row, tok):
    if "input_ids" in row:
        return tok.decode(row["input_ids"])
    return "\n".join(row[k] for k in ("prompt", "chosen", "rejected", "completion") if k in row)


def answers(row):
    for key in ("chosen", "rejected", "completion", "messages"):
        v = row.get(key)
        if v is not None:
            yield v["content"] if isinstance(v, dict) else v[-1]["content"]


def compare(data, rows, cfg, tok, complete=True):
    want(len(data) == len(rows), f"rl {cfg.rl} kept {len(data)} of {len(rows)} rows")
    prepared = [text_of(row, tok) for row in data]  # axolotl may have sorted or mixed them
    for row in rows:
        fits = [t for t in prepared if all(f"{a}<|im_end|>" in t for a in answers(row)) and "<|im_start|>user\n" in t]
        want(fits or not complete, f"rl {cfg.rl}: nothing holds {list(answers(row))}; the first is {prepared[0][:300]!r}")
    for row in data:
        want("label" not in rows[0] or isinstance(row["label"], bool), f"label {row.get('label')!r}")


def has_system(rows):
    return any(m["role"] == "system" for row in rows for m in row["chosen"])


def check(case):
    from tiny import tokenizer

    tok, rows, done = tokenizer(), truth(case), []
    with tempfile.TemporaryDirectory() as out:
        first = configure(case, out)
        load = load_preference_datasets if first.rl else load_datasets
        compare(load(cfg=first, cli_args=PreprocessCliArgs()).train_dataset, rows, first, tok)
        done.append(f"rl {first.rl.value}" if first.rl else "sft")
        for rl, strategy in ALSO if case["type"] == "preference" else []:
            if rl == "orpo" and has_system(rows):
                continue  # it takes none: docs/exports.md
            cfg = configure(case, out, rl, strategy)
            compare(load_preference_datasets(cfg=cfg, cli_args=PreprocessCliArgs()).train_dataset, rows, cfg, tok)
            done.append(rl)
    return f"{len(rows)} rows under {', '.join(done)} ({versions('axolotl', 'transformers', 'torch')})"


if __name__ == "__main__":
    run(check)
