"""Loads files with the datasets library, streaming and not, and compares every row with the jsonl."""

import json
import math

from cases import BUILDERS, run, truth, versions, want
from datasets import load_dataset


def cell(got, wanted, fmt, nested=False):
    """Whether a loaded value is the one written. Inside JSON the library keeps ten digits of a number."""
    if fmt == "csv" and isinstance(wanted, (list, dict)) and not nested:
        got = json.loads(got)
    if fmt == "ranked parquet" and isinstance(wanted, list) and isinstance(got, str):  # a column has one type there
        got = json.loads(got)
    if wanted is None:
        return got is None or got == ""
    if isinstance(wanted, bool):
        return got is wanted
    if isinstance(wanted, (int, float)):
        digits = 1e-9 if fmt in ("json", "jsonl") else 0
        return isinstance(got, (int, float)) and math.isclose(got, wanted, rel_tol=digits)
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(cell(g, w, fmt, True) for g, w in zip(got, wanted))
    if isinstance(wanted, dict):
        return list(got) == list(wanted) and all(cell(got[k], w, fmt, True) for k, w in wanted.items())
    return got == wanted


def same(rows, wanted, fmt):
    want(len(rows) == len(wanted), f"{len(rows)} rows, want {len(wanted)}")
    for i, (row, w) in enumerate(zip(rows, wanted)):
        want(list(row) == list(w), f"row {i}: fields {list(row)}, want {list(w)}")
        for k in w:
            want(cell(row[k], w[k], fmt), f"row {i}, {k}: {row[k]!r}, want {w[k]!r}")


def check(case):
    options = {"keep_default_na": False} if case["format"] == "csv" else {}
    wanted = truth(case)
    for streaming in (False, True):
        data = load_dataset(
            BUILDERS[case["format"]], data_files=case["file"], split="train", streaming=streaming, **options
        )
        same(list(data), wanted, "ranked parquet" if case["name"] == "ranked parquet" else case["format"])
    return f"{len(wanted)} rows ({versions('datasets')})"


if __name__ == "__main__":
    run(check)
