# servers.sh: starts model servers and stops them again. demo.sh and judge-real.sh source it, from the top of the repository.

readonly models=.real-models
servers=()

say() { printf '\n== %s\n' "$*"; }

stop_servers() {
  [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || true
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

answers() { # URL
  python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1" 2>/dev/null
}

# serve MODEL starts a server and sets served to its URL.
serve() {
  local port log=demo/out/$1.log
  port=$(free_port)
  demo/models/serve.sh "$models" "$port" "$1" >"$log" 2>&1 &
  local pid=$!
  servers+=("$pid")
  until answers "http://127.0.0.1:$port/health"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "the server of $1 ended; the end of $log:" >&2
      tail -5 "$log" >&2
      exit 1
    fi
    sleep 0.2
  done
  served=http://127.0.0.1:$port/v1
}

need() { # PROGRAM WHY
  command -v "$1" >/dev/null || { echo "$1 is missing: $2" >&2; exit 1; }
}

build() {
  need go https://go.dev/dl
  need python3 "the model servers need it"
  mkdir -p demo/out
  say "Building openarena"
  CGO_ENABLED=0 go build -trimpath -o bin/openarena ./cmd/openarena
}
