"""Gives a file to OpenRLHF's own loading code: blending_datasets, RewardDataset and SFTDataset."""

from types import SimpleNamespace

from cases import run, truth, versions, want
from tiny import tokenizer

from openrlhf.datasets import RewardDataset, SFTDataset
from openrlhf.datasets.utils import blending_datasets

LENGTH = 16_384


def strategy(**data):
    """What the loaders ask of OpenRLHF's DeepSpeed strategy, which wants a GPU."""
    args = SimpleNamespace(data=SimpleNamespace(apply_chat_template=True, **data), use_ms=False)
    return SimpleNamespace(args=args, print=lambda *_: None, is_rank_0=lambda: False)


def preferences(case, tok, is_dpo):
    s = strategy(prompt_key="prompt", chosen_key="chosen", rejected_key="rejected")
    data = blending_datasets(case["file"], strategy=s)
    return RewardDataset(data, tok, LENGTH, s, is_dpo=is_dpo, num_processors=1)


def check_preferences(case, tok):
    rows = truth(case)
    for is_dpo in [False] if case["type"] == "reward" else [True, False]:
        data = preferences(case, tok, is_dpo)
        want(len(data) == len(rows), f"{len(data)} of {len(rows)} rows")
        for i, row in enumerate(rows):
            chosen, _, rejected, _, extra = data[i]
            for ids, answer in ((chosen, row["chosen"][-1]["content"]), (rejected, row["rejected"][-1]["content"])):
                text = tok.decode(ids[0])
                want(text.startswith("<|im_start|>") and text.endswith(f"{answer}<|im_end|>"), f"row {i}: {text!r}, want {answer!r} at its end")
            if case["type"] == "reward":
                want(extra == row["margin"], f"row {i}: margin {extra}, want {row['margin']}")
        data.collate_fn([data[i] for i in range(len(data))])
    return f"{len(rows)} rows in RewardDataset" + ("" if case["type"] == "reward" else ", for DPO and for reward models")


def check_sft(case, tok):
    rows = truth(case)
    s = strategy(input_key="messages", output_key=None)
    for multiturn in (False, True):
        data = SFTDataset(blending_datasets(case["file"], strategy=s), tok, LENGTH, s, num_processors=1, multiturn=multiturn)
        want(len(data) == len(rows), f"{len(data)} of {len(rows)} rows")
        for i, row in enumerate(rows):
            ids, _, mask = data[i]
            taught = tok.decode(ids[0][1:][mask[0][:-1].bool()])
            answer = row["messages"][-1]["content"]
            want(taught.startswith(answer) or multiturn and answer in taught, f"row {i}: the loss is on {taught!r}, want {answer!r}")
        data.collate_fn([data[i] for i in range(len(data))])
    return f"{len(rows)} rows in SFTDataset, one turn and many"


def check(case):
    said = (check_sft if case["type"] == "sft" else check_preferences)(case, tokenizer())
    return f"{said} ({versions('openrlhf', 'transformers', 'torch')})"


if __name__ == "__main__":
    run(check)
