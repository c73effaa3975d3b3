#!/bin/sh
# Installs the pinned trainers of testdata/requirements into a folder, one environment each, over one torch: about 8 GB, once.
# What cannot be installed without a GPU's compiler, and the loaders do not import, is not in the lists.
set -eu
to=${1:?folder}
lists=$(cd "$(dirname "$0")/testdata/requirements" && pwd)

python=
for p in "${PYTHON:-}" python3.12 python3 "$HOME"/.pyenv/versions/3.12*/bin/python3; do
	if [ -n "$p" ] && [ "$("$p" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)" = "(3, 12)" ]; then python=$p; break; fi
done
[ -n "$python" ] || { echo "the pinned trainers need Python 3.12: set PYTHON to one" >&2; exit 2; }

mkdir -p "$to"
to=$(cd "$to" && pwd)
for list in "$lists"/torch.txt "$lists"/[!t]*.txt "$lists"/trl.txt; do
	env=$to/$(basename "$list" .txt)
	cmp -s "$list" "$env/installed.txt" && continue
	echo "installing $(basename "$list" .txt)"
	"$python" -m venv "$env"
	[ "$env" = "$to/torch" ] || echo "$to/torch/lib/python3.12/site-packages" >"$env/lib/python3.12/site-packages/torch.pth"
	"$env/bin/pip" install -q --no-deps --no-cache-dir -r "$list"
	cp "$list" "$env/installed.txt"
done
