#!/bin/sh
# shard.sh I/N PARTS [FLAG]...
#
# Works on one shard on this node's own disk, since a database does not belong on a network file system. When it ends, stopped or
# not, the database is copied to PARTS, a folder that all nodes share; when it begins, what lies there is taken up again.
# SIGTERM, SIGINT and SIGUSR1 have it finish and save the calls in flight. The exit code is that of `openarena run`.
set -eu
shard=$1 parts=$2
shift 2
name=shard-${shard%/*}-of-${shard#*/}.db
# Two arenas on one node are told apart by where their parts go.
own=${TMPDIR:-/tmp}/openarena-$(printf %s "$parts" | cksum | tr ' ' -)
mkdir -p "$own" "$parts"
if [ ! -f "$own/$name" ] && [ -f "$parts/$name" ]; then
  cp "$parts/$name" "$own/.$name" && mv "$own/.$name" "$own/$name"
fi

openarena run --shard "$shard" --db "$own/$name" "$@" &
run=$!
signals=0 seen=-1
trap 'signals=$((signals + 1)); kill -TERM "$run" 2>/dev/null || :' TERM INT USR1
while [ "$seen" -ne "$signals" ]; do # a signal ends `wait`, not the run
  seen=$signals code=0
  wait "$run" || code=$?
done

if [ "$code" -ne 11 ] && [ -f "$own/$name" ]; then # 11: another process has it, and will copy it
  cp "$own/$name" "$parts/.$name" && mv "$parts/.$name" "$parts/$name"
  rm -f "$own/$name" "$own/$name".*
fi
exit "$code"
