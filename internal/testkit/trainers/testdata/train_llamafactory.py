"""Loads a file by the dataset_info.json beside it with LLaMA-Factory, and takes one step in each stage that reads it."""

import json
import math
import os
import shlex
import tempfile

os.environ["DISABLE_VERSION_CHECK"] = "1"  # torchvision, gradio and others are not installed
os.environ["USE_CPU"] = "1"

import yaml
from cases import quick, run, truth, versions, want
from tiny import save

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
from llamafactory.train.tuner import run_exp

STAGES = {"preference": ["dpo", "rm"], "kto": ["kto"], "sft": ["sft"]}


def arguments(case, stage, out):
    return {
        "stage": stage, "do_train": True, "model_name_or_path": save(f"{out}/tiny"), "template": "chatml",
        "finetuning_type": "full", "dataset": case["dataset"], "dataset_dir": os.path.dirname(case["file"]),
        "output_dir": f"{out}/{stage}", "max_steps": 1, "per_device_train_batch_size": 2, "cutoff_len": 16_384,
        "use_cpu": True, "report_to": "none", "save_strategy": "no", "disable_tqdm": True, "overwrite_cache": True,
        "logging_steps": 1, "bf16": False, "fp16": False,
    }


def last(row):
    """The answers of a row of turns or messages."""
    for v in row.values():
        v = v[-1] if isinstance(v, list) else v
        if isinstance(v, dict) and v.get("from", v.get("role")) in ("gpt", "assistant"):
            yield v.get("value", v.get("content"))


def load(case, stage, out):
    """What LLaMA-Factory makes of the file: as many rows, each with its answers in ChatML."""
    model_args, data_args, training_args, _, _ = get_train_args(arguments(case, stage, out))
    tok = load_tokenizer(model_args)
    template = get_template_and_fix_tokenizer(tok["tokenizer"], data_args)
    data = get_dataset(template, model_args, data_args, training_args, stage="rm" if stage == "dpo" else stage, **tok)["train_dataset"]
    rows = truth(case)
    want(len(data) == len(rows), f"{stage} kept {len(data)} of {len(rows)} rows")
    for wanted, row in zip(rows, data):
        text = "\n".join(tok["tokenizer"].decode(v) for k, v in row.items() if k.endswith("input_ids"))
        want("<|im_start|>user\n" in text, f"{stage} trains on text without turns: {text[:200]!r}")
        for answer in last(wanted):
            want(f"{answer}<|im_end|>" in text, f"{stage} does not train on the answer {answer[:80]!r} but on {text[:300]!r}")
        if "label" in wanted:
            want(row["kto_tags"] is wanted["label"], f"label {row['kto_tags']}, want {wanted['label']}")
    return len(rows)


def step(case, stage, out):
    run_exp(arguments(case, stage, out))
    with open(f"{out}/{stage}/train_results.json", encoding="utf-8") as f:
        loss = json.load(f)["train_loss"]
    want(math.isfinite(loss), f"{stage}: loss {loss}")
    return f"{stage} loss {loss:.3f}"


def command(case):
    """Runs `llamafactory-cli train …` of a page in this process."""
    text = quick(case).replace("\\\n", " ")
    words = next(shlex.split(line) for line in text.splitlines() if line.startswith("llamafactory-cli train"))
    save("tiny")
    run_exp(parse(words[2:]))
    want(os.path.exists("out/train_results.json"), "no step was taken")
    return "as on the page"


def parse(words):
    return {k.removeprefix("--"): yaml.safe_load(v) for k, v in zip(words[::2], words[1::2])}


def check(case):
    if "code" in case:
        return command(case)
    with tempfile.TemporaryDirectory() as out:
        stages = STAGES[case["type"]]
        rows = [load(case, stage, out) for stage in stages][0]
        steps = [step(case, stage, out) for stage in stages]
    return f"{rows} rows, one step of " + ", ".join(steps) + f" ({versions('llamafactory', 'transformers', 'torch')})"


if __name__ == "__main__":
    run(check)
