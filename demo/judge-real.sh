#!/usr/bin/env bash
# judge-real.sh [MODEL]...: has small real models judge pairs of which the better answer is known, under every protocol and
# every way to ask for structured replies, and prints what `judge --report` says of them. Needs Go and Python;
# `make judge-real` calls it. Stopped half-way, it goes on where it was: the databases stay in demo/out.
set -euo pipefail
cd "$(dirname "$0")/.."
. demo/servers.sh

trap stop_servers EXIT
trap 'echo "stopped; make judge-real goes on from here" >&2; exit 130' INT TERM

readonly arena=demo/judge/arena.yaml

# judge lets verdicts fail, since that is what is measured.
judge() {
  local code=0
  bin/openarena judge --config $arena || code=$?
  case $code in 0 | 3) ;; *) exit "$code" ;; esac
}

[ $# -gt 0 ] || set -- smollm2-135m gemma3-270m
build
demo/models/setup.sh "$models"
for model in "$@"; do
  serve "$model"
  export JUDGE_MODEL=$model JUDGE_URL=$served
  say "$model judges 12 pairs, in both orders, under every protocol"
  judge
  bin/openarena votes import --config $arena demo/judge/votes.jsonl
  say "The judges as openarena reports them, $(date -u +%Y-%m-%d)"
  bin/openarena judge --report --config $arena
  stop_servers
  servers=()
done
