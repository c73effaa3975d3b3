"""Cases come in as JSON lines, one dictionary each, and outcomes go out the same way."""

import json
import os
import sys
import traceback

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print, some when they are imported, is no outcome

BUILDERS = {"jsonl": "json", "json": "json", "csv": "csv", "parquet": "parquet"}


def run(check):
    """Gives every case to check, which returns what it saw in a few words and raises on what is wrong."""
    for line in sys.stdin:
        case = json.loads(line)
        try:
            outcome = {"ok": True, "said": check(case)}
        except BaseException as e:  # pylint: disable=broad-except
            traceback.print_exc()
            outcome = {"ok": False, "said": f"{type(e).__name__}: {e}"[:600]}
        print(json.dumps({"name": case["name"], **outcome}), file=OUT, flush=True)


def truth(case):
    """The rows of the jsonl that lies beside every file, read by nothing but the standard library."""
    with open(case["truth"], encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def want(ok, complaint):
    if not ok:
        raise AssertionError(complaint)


def quick(case):
    """The code of a page, which names a model that nobody downloads here, and wants a GPU, for more than one step."""
    os.chdir(case["dir"])
    code = case["code"].replace("Qwen/Qwen3-0.6B", os.path.join(case["dir"], "tiny"))
    return code.replace('output_dir="out"', 'output_dir="out", max_steps=1, use_cpu=True, bf16=False, report_to="none"')


def versions(*names):
    from importlib.metadata import version

    return " ".join(f"{n} {version(n)}" for n in names)
