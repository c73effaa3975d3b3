"""What the real Python clients do at a Hub. HF_ENDPOINT and HF_TOKEN say which; the first argument says what is tried, a folder
follows. An assertion that fails, and whatever a client raises, ends it with an error."""

import filecmp
import json
import os
import sys
from pathlib import Path

import datasets
import huggingface_hub
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

api = HfApi()


def raises(kind, call, status=None, text=""):
    """The call must raise exactly this kind, with this status of HTTP and this text."""
    try:
        got = call()
    except Exception as e:
        assert type(e) is kind, f"{type(e).__name__}: {e}; want {kind.__name__}"
        assert status is None or e.response.status_code == status, f"{e.response.status_code}; want {status}"
        assert text in str(e), f"{e}; want {text!r} in it"
        return
    raise AssertionError(f"{got!r}; want {kind.__name__}")


def same(left, right):
    """Both folders must hold the same files."""
    names = [sorted(str(p.relative_to(f)) for p in Path(f).rglob("*") if p.is_file() and ".cache" not in p.parts) for f in (left, right)]
    assert names[0] == names[1], names
    _, differ, failed = filecmp.cmpfiles(left, right, names[0], shallow=False)
    assert not differ and not failed, (differ, failed)


def upload(folder):
    """A folder of small files, a large one and one in parts goes up, once."""
    api.create_repo("acme/up", repo_type="dataset", private=True)
    api.create_repo("acme/up", repo_type="dataset", private=True, exist_ok=True)
    raises(HfHubHTTPError, lambda: api.create_repo("acme/up", repo_type="dataset"), 409)
    raises(HfHubHTTPError, lambda: api.create_repo("other/up", repo_type="dataset"), 403, "rights")
    info = api.upload_folder(folder_path=folder, repo_id="acme/up", repo_type="dataset")
    print(info.oid)


def again(folder):
    """What is there is not sent again, and makes no commit."""
    before = api.repo_info("acme/up", repo_type="dataset").sha
    info = api.upload_folder(folder_path=folder, repo_id="acme/up", repo_type="dataset")
    assert info.oid == before, (info.oid, before)


def propose(folder):
    """A pull request; and a commit onto a parent that is no longer the last is refused."""
    head = api.repo_info("acme/up", repo_type="dataset").sha
    path = dict(path_in_repo="new.txt", repo_id="acme/up", repo_type="dataset")
    info = api.upload_file(path_or_fileobj=b"one", create_pr=True, **path)
    assert (info.pr_num, info.pr_revision) == (1, "refs/pr/1"), info
    assert api.get_discussion_details("acme/up", 1, repo_type="dataset").is_pull_request
    assert not api.file_exists("acme/up", "new.txt", repo_type="dataset")
    assert api.file_exists("acme/up", "new.txt", repo_type="dataset", revision="refs/pr/1")
    api.upload_file(path_or_fileobj=b"two", parent_commit=head, **path)
    raises(HfHubHTTPError, lambda: api.upload_file(path_or_fileobj=b"three", parent_commit=head, **path), 412)
    api.delete_file("new.txt", repo_id="acme/up", repo_type="dataset")
    titles = [c.title for c in api.list_repo_commits("acme/up", repo_type="dataset")]
    assert len(titles) == 4 and titles[-1] == "initial commit", titles
    refs = api.list_repo_refs("acme/up", repo_type="dataset", include_pull_requests=True)
    assert [b.name for b in refs.branches] == ["main"] and len(refs.pull_requests) == 1, refs


def read(folder):
    """What went up comes down, whole and by pieces, from branches and commits."""
    got = snapshot_download("acme/up", repo_type="dataset", local_dir=folder + ".down", ignore_patterns=".gitattributes")
    same(folder, got)
    got = snapshot_download("acme/up", repo_type="dataset", ignore_patterns=".gitattributes")
    same(folder, got)
    listed = [f.path for f in api.list_repo_tree("acme/up", repo_type="dataset", recursive=True)]
    assert listed == sorted(listed) and len(listed) == len(set(listed)) and "data" in listed, listed
    files = [f for f in listed if (Path(folder) / f).is_file()]
    infos = api.get_paths_info("acme/up", files, repo_type="dataset", expand=True)
    for info in infos:
        assert info.size == (Path(folder) / info.path).stat().st_size, info
    assert {i.path for i in infos if i.lfs} == {"data/rows.parquet", "data/parts.bin"}, infos
    first = api.list_repo_commits("acme/up", repo_type="dataset")[-1].commit_id
    assert api.list_repo_files("acme/up", repo_type="dataset", revision=first) == [".gitattributes"]
    fs = huggingface_hub.HfFileSystem()
    with fs.open("datasets/acme/up/data/parts.bin", "rb") as f:
        f.seek(1_500_000)
        piece = f.read(1000)
    assert piece == (Path(folder) / "data/parts.bin").read_bytes()[1_500_000:1_501_000]


def load(_):
    """Datasets as their authors lay them out, streamed and not."""
    for streaming in (True, False):
        rows = datasets.load_dataset("acme/configs", "second", split="test", streaming=streaming)
        assert [r["text"] for r in rows] == ["s0", "s1"], streaming
        whole = datasets.load_dataset("acme/shards", streaming=streaming)
        assert sorted(whole) == ["test", "train"], whole
        assert [r["id"] for r in whole["train"]] == list(range(200)), streaming
        lines = datasets.load_dataset("acme/plain", split="train", streaming=streaming)
        assert [r["prompt"] for r in lines] == ["p0", "p1", "p2"], streaming
        old = datasets.load_dataset("acme/plain", split="train", streaming=streaming, revision=os.environ["OLD_REVISION"])
        assert [r["prompt"] for r in old] == ["old"], streaming
        one = datasets.load_dataset("acme/plain", data_files="extra.csv", split="train", streaming=streaming)
        assert [r["b"] for r in one] == [2], streaming
    assert datasets.get_dataset_config_names("acme/configs") == ["first", "second"]


def keep(repo):
    """A snapshot in the cache of the clients."""
    print(snapshot_download(repo, repo_type="dataset"))


def push(_):
    """The datasets library writes, too: shards, a card that it reads and changes, and a second configuration."""
    table = datasets.Dataset.from_dict({"id": list(range(10)), "text": [f"row {i}" for i in range(10)]})
    table.push_to_hub("acme/pushed", private=True)
    table.select(range(3)).push_to_hub("acme/pushed", "few", split="test")
    assert sorted(datasets.get_dataset_config_names("acme/pushed")) == ["default", "few"]
    assert datasets.load_dataset("acme/pushed", split="train")["id"] == list(range(10))
    assert [r["text"] for r in datasets.load_dataset("acme/pushed", "few", split="test", streaming=True)] == ["row 0", "row 1", "row 2"]
    fs = huggingface_hub.HfFileSystem()
    with fs.open("datasets/acme/pushed/notes/a.txt", "w") as f:
        f.write("by a file system")
    assert fs.ls("datasets/acme/pushed/notes", detail=False) == ["datasets/acme/pushed/notes/a.txt"]
    assert fs.cat_file("datasets/acme/pushed/notes/a.txt") == b"by a file system"


def refused(_):
    """Errors by the names that the clients give them."""
    assert api.whoami()["auth"]["accessToken"]["role"] == "write"
    info = dict(repo_type="dataset")
    raises(RepositoryNotFoundError, lambda: api.repo_info("acme/none", **info), 404)
    raises(HfHubHTTPError, lambda: api.repo_info("acme/none", token=False, **info), 401, "Invalid username or password")
    raises(HfHubHTTPError, lambda: api.repo_info("acme/plain", token="hf_wrong", **info), 401, "Invalid credentials")
    raises(RepositoryNotFoundError, lambda: api.repo_info("acme/hidden", token="hf_eve", **info), 404)
    assert api.repo_info("acme/hidden", **info).private
    raises(RevisionNotFoundError, lambda: api.repo_info("acme/plain", revision="none", **info), 404)
    got = lambda name, repo="acme/plain", **kw: huggingface_hub.hf_hub_download(repo, name, repo_type="dataset", **kw)
    raises(huggingface_hub.errors.RemoteEntryNotFoundError, lambda: got("none.txt"), 404)
    assert issubclass(huggingface_hub.errors.RemoteEntryNotFoundError, EntryNotFoundError)
    raises(GatedRepoError, lambda: got("data.jsonl", "acme/gated", token="hf_eve"), 403, "not in the authorized list")
    raises(GatedRepoError, lambda: got("data.jsonl", "acme/gated", token=False), 401, "Please log in")
    assert api.repo_info("acme/gated", token="hf_eve", **info).gated == "auto"
    assert Path(got("data.jsonl", "acme/gated")).exists()
    missing = datasets.exceptions.DatasetNotFoundError
    raises(missing, lambda: datasets.load_dataset("acme/gated", token="hf_eve"), text="gated dataset on the Hub")
    raises(missing, lambda: datasets.load_dataset("acme/none"), text="doesn't exist on the Hub")
    raises(HfHubHTTPError, lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="acme/plain", token="hf_eve", **info), 403)
    raises(ValueError, lambda: api.upload_file(path_or_fileobj=b"---\nlicense: 3\n---\n", path_in_repo="README.md", repo_id="acme/plain", **info), text="license")


def troubled(folder):
    """The Hub limits, fails and breaks off, and the clients come through."""
    got = snapshot_download("acme/up", repo_type="dataset", ignore_patterns=".gitattributes")
    same(folder, got)


def whole(folder):
    """What openarena put on the Hub is what it had in a folder."""
    got = snapshot_download("acme/folder", repo_type="dataset", ignore_patterns=".gitattributes")
    same(folder, got)


def back(exports):
    """What openarena put on the Hub loads, streamed and not, and has the rows of its own exports: a file per configuration, in
    a folder that is called as the dataset."""
    repo = "acme/" + Path(exports).name
    configs = datasets.get_dataset_config_names(repo)
    assert set(configs) == {p.stem for p in Path(exports).glob("*.jsonl")}, configs
    for config in configs:
        want = [json.loads(line) for line in (Path(exports) / f"{config}.jsonl").read_text().split("\n") if line]
        rows = list(datasets.load_dataset(repo, config, split="train"))
        assert rows == want, (config, rows[:1], want[:1])
        assert list(datasets.load_dataset(repo, config, split="train", streaming=True)) == rows, config
        assert rows, config
    card = huggingface_hub.DatasetCard.load(repo)
    card.validate(repo_type="dataset")
    assert "openarena" in card.data.tags, card.data
    print(*configs)


if __name__ == "__main__":
    print("huggingface_hub", huggingface_hub.__version__, "datasets", datasets.__version__, file=sys.stderr)
    globals()[sys.argv[1]](sys.argv[2])
