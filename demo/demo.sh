#!/usr/bin/env bash
# demo.sh: a whole arena between real small models on this machine. Needs Go and Python; `make demo` calls it.
#
# An Ollama on port 11434 with two models or more is used as it is. Otherwise two models and a llama.cpp server are
# fetched into .real-models, once. Stopped half-way, it goes on where it was: the database stays in demo/out.
set -euo pipefail
cd "$(dirname "$0")/.."

. demo/servers.sh

openarena() { # COMMAND [ARGUMENT]...
  local command=$1
  shift
  bin/openarena "$command" --config demo/arena.yaml "$@"
}

stopped() {
  echo "stopped; make demo goes on from here" >&2
  exit 130
}
# Ctrl-C reaches the arena as well, which saves the calls in flight; the servers must outlast it, so they go last.
trap stop_servers EXIT
trap stopped INT TERM

# ollama_models prints two names, the smallest first, if an Ollama with two models that can chat is there.
ollama_models() {
  python3 - <<'PY' 2>/dev/null
import json, urllib.request
with urllib.request.urlopen("http://127.0.0.1:11434/api/tags", timeout=2) as reply:
    models = json.load(reply)["models"]
chat = [m for m in models if "embed" not in m["name"] and "bert" not in m["details"].get("family", "")]
assert len(chat) >= 2
print("\n".join(m["name"] for m in sorted(chat, key=lambda m: m["size"])[:2]))
PY
}

start_models() {
  local found
  if found=$(ollama_models); then
    { read -r DEMO_FIRST_MODEL && read -r DEMO_SECOND_MODEL; } <<<"$found"
    DEMO_FIRST_NAME=$DEMO_FIRST_MODEL DEMO_SECOND_NAME=$DEMO_SECOND_MODEL
    DEMO_FIRST_URL=http://127.0.0.1:11434/v1 DEMO_SECOND_URL=$DEMO_FIRST_URL
    export DEMO_FIRST_MODEL DEMO_SECOND_MODEL DEMO_FIRST_NAME DEMO_SECOND_NAME DEMO_FIRST_URL DEMO_SECOND_URL
    say "Ollama is here: $DEMO_FIRST_MODEL against $DEMO_SECOND_MODEL"
    return
  fi
  say "Two small models: SmolLM2 135M (Apache-2.0) and Gemma 3 270M (Gemma Terms of Use), about 370 MB if not there yet"
  demo/models/setup.sh "$models"
  serve smollm2-135m
  export DEMO_FIRST_URL=$served
  serve gemma3-270m
  export DEMO_SECOND_URL=$served
}

# run_arena lets single failures pass, as they are part of the result, and tells how a stopped run goes on.
run_arena() {
  local code=0
  openarena run || code=$?
  case $code in
    0 | 3) ;;
    130) stopped ;;
    *) exit "$code" ;;
  esac
}

build
start_models

say "6 prompts, 3 contestants, every pair judged in both orders"
run_arena

say "Leaderboard"
openarena rate

say "One prompt with its battles and what the judge said"
openarena show

say "Training data: the first row of demo/out/training_data.jsonl"
head -n 1 demo/out/training_data.jsonl

cat <<'END'

Models this small rank by chance, and judge by chance: this shows how an arena works, not which model is good.
Everything is in demo/out/demo.db: `make demo` again makes no call. For your own models: bin/openarena init
END
