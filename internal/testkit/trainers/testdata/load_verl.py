"""Gives a file to verl's own loading code: RMDataset and MultiTurnSFTDataset."""

import json
import tempfile

import pandas
from cases import run, truth, versions, want
from tiny import tokenizer

from verl.utils.dataset import RMDataset
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

LENGTH = 16_384


def check_preferences(case, tok):
    rows = truth(case)
    data = RMDataset(case["file"], tok, max_length=LENGTH)
    want(len(data) == len(rows), f"{len(data)} of {len(rows)} rows")
    for i, row in enumerate(rows):
        item = data[i]
        for which, key in enumerate(("chosen", "rejected")):
            text = tok.decode(item["input_ids"][which][item["attention_mask"][which].bool()])
            want(text == row["prompt"] + row[key] + tok.eos_token, f"row {i}, {key}: {text!r}")
    return f"{len(rows)} rows in RMDataset"


def check_sft(case, tok):
    rows = truth(case)
    data = MultiTurnSFTDataset(case["file"], tok, {"max_length": LENGTH})
    want(len(data) == len(rows), f"{len(data)} of {len(rows)} rows")
    for i, row in enumerate(rows):
        item = data[i]
        taught = tok.decode(item["input_ids"][item["loss_mask"].bool()])
        want(taught.endswith(row["messages"][-1]["content"] + "<|im_end|>\n"), f"row {i}: the loss is on {taught!r}")
    return f"{len(rows)} rows in MultiTurnSFTDataset"


def as_parquet(case, folder):
    """Rows written by hand are jsonl, and verl reads nothing but Parquet."""
    if case["file"].endswith(".parquet"):
        return case
    path = f"{folder}/rows.parquet"
    with open(case["file"], encoding="utf-8") as f:
        pandas.DataFrame([json.loads(line) for line in f]).to_parquet(path)
    return {**case, "file": path}


def check(case):
    with tempfile.TemporaryDirectory() as folder:
        said = (check_sft if case["type"] == "sft" else check_preferences)(as_parquet(case, folder), tokenizer())
    return f"{said} ({versions('verl', 'transformers', 'torch')})"


if __name__ == "__main__":
    run(check)
