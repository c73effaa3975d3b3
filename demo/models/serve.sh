#!/usr/bin/env bash
# serve.sh DIR PORT MODEL: serves one model of setup.sh on 127.0.0.1:PORT, in the foreground, until SIGTERM or SIGINT.
#
# MODEL is smollm2-135m or gemma3-270m. Ready when GET /health answers 200; calls go to /v1/chat/completions.
# Environment: SLOTS, calls at once (2); CONTEXT, tokens per slot (4096); THREADS (all cores); API_KEY that calls must carry (none).
set -euo pipefail

if [ $# -ne 3 ]; then
  echo "usage: $0 DIR PORT smollm2-135m|gemma3-270m" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)

# Threads that wait must sleep. Spinning ones take the cores from the other server: 5 to 10 times slower on two cores.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
exec "$1/venv/bin/python" -u "$here/server.py" "$1/models/$3.gguf" "$2"
