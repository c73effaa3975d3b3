"""Gives a file to the trainers of TRL and takes one step with each."""

import json
import math
import tempfile

import torch
from cases import BUILDERS, quick, run, truth, versions, want
from datasets import load_dataset
from tiny import language_model, reward_model, save, tokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

TRAINERS = {
    "preference": [(DPOTrainer, DPOConfig), (ORPOTrainer, ORPOConfig), (CPOTrainer, CPOConfig), (RewardTrainer, RewardConfig)],
    "reward": [(RewardTrainer, RewardConfig)],
    "kto": [(KTOTrainer, KTOConfig)],
    "sft": [(SFTTrainer, SFTConfig)],
}


def load(case):
    data = load_dataset(BUILDERS[case["format"]], data_files=case["file"], split="train")
    if case["format"] == "csv":  # messages are JSON in a cell
        lists = [k for k, v in truth(case)[0].items() if isinstance(v, list)]
        data = data.map(lambda row: {k: json.loads(row[k]) for k in lists})
    return data


def said(row):
    """The answers of a row, best first."""
    for key in ("chosen", "rejected", "completion", "messages"):
        if key in row:
            yield row[key][-1]["content"]


def texts(data, tok):
    """Every token that a prepared row trains on, as text."""
    for row in data:
        yield "\n".join(tok.decode(ids) for k, ids in row.items() if k.endswith("ids"))


def step(trainer_class, config_class, data, case, out):
    tok = tokenizer()
    model = (reward_model if trainer_class is RewardTrainer else language_model)(save(f"{out}/tiny"))
    args = config_class(
        output_dir=out, max_steps=1, per_device_train_batch_size=2, report_to="none", use_cpu=True, bf16=False,
        save_strategy="no", disable_tqdm=True, logging_steps=1, max_length=16_384, gradient_checkpointing=False,
    )
    trainer = trainer_class(model=model, args=args, train_dataset=data, processing_class=tok)
    rows = truth(case)
    want(len(trainer.train_dataset) == len(rows), f"{trainer_class.__name__} kept {len(trainer.train_dataset)} of {len(rows)} rows")
    for row, text in zip(rows, texts(trainer.train_dataset, tok)):
        want("<|im_start|>user\n" in text, f"{trainer_class.__name__} trains on text without turns: {text[:200]!r}")
        for answer in said(row):
            want(f"{answer}<|im_end|>" in text, f"{trainer_class.__name__} does not train on the answer {answer[:80]!r} but on {text[:200]!r}")
    if case["type"] == "reward":
        batch = next(iter(trainer.get_train_dataloader()))
        want("margin" in batch and batch["margin"].abs().sum() > 0, "the batch has no margin")
    before = [p.detach().clone() for p in model.parameters()]
    loss = trainer.train().training_loss
    want(math.isfinite(loss), f"{trainer_class.__name__}: loss {loss}")
    want(any(not torch.equal(a, b) for a, b in zip(before, model.parameters())), f"{trainer_class.__name__} changed no weight")
    return f"{trainer_class.__name__} loss {loss:.3f}"


def check(case):
    if "code" in case:
        code = quick(case)
        save("tiny")
        exec(code, {})  # pylint: disable=exec-used
        return "as on the page"
    data = load(case)
    with tempfile.TemporaryDirectory() as out:
        steps = [step(t, c, data, case, out) for t, c in TRAINERS[case["type"]]]
    return f"{len(data)} rows, one step of " + ", ".join(steps) + f" ({versions('trl', 'transformers', 'torch')})"


if __name__ == "__main__":
    run(check)
