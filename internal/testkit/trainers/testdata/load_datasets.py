"""Loads files with the datasets library, streaming and not, and compares every row with the jsonl."""

import json
import math

from cases import BUILDERS, run, truth, versions, want
from datasets import load_dataset


def cell(got, wanted, text):
    """Whether a loaded value is the one written; text: nested values came as JSON in a cell."""
    if text and isinstance(wanted, (list, dict)):
        got = json.loads(got)
    if wanted is None:
        return got is None or got == ""
    if isinstance(wanted, bool):
        return got is wanted
    if isinstance(wanted, (int, float)):
        return isinstance(got, (int, float)) and math.isclose(got, wanted, rel_tol=1e-15)
    return got == wanted


def same(rows, wanted, fmt):
    want(len(rows) == len(wanted), f"{len(rows)} rows, want {len(wanted)}")
    for i, (row, w) in enumerate(zip(rows, wanted)):
        want(list(row) == list(w), f"row {i}: fields {list(row)}, want {list(w)}")
        for k in w:
            want(cell(row[k], w[k], fmt == "csv"), f"row {i}, {k}: {row[k]!r}, want {w[k]!r}")


def check(case):
    options = {"keep_default_na": False} if case["format"] == "csv" else {}
    wanted = truth(case)
    for streaming in (False, True):
        data = load_dataset(
            BUILDERS[case["format"]], data_files=case["file"], split="train", streaming=streaming, **options
        )
        same(list(data), wanted, case["format"])
    return f"{len(wanted)} rows ({versions('datasets')})"


run(check)
