#!/usr/bin/env bash
# retrieve DATABASE CONFIGURATION REMOTE KEY [SNAPSHOT]: what the gate asks for (gate.archives.<database>.retrieve).
# Without a snapshot it prints their names, the oldest first; with one it writes its dump to stdout.
set -euo pipefail
repository=$3:restic/$1
export RCLONE_CONFIG=$2 RESTIC_REPOSITORY=rclone:$repository RESTIC_PASSWORD_FILE=$4
restic() { command restic --no-cache --no-lock "$@"; }

config=$(rclone lsf "$repository/config") || [ $? = 3 ] # 3: no directory
[ -n "$config" ] || exit 0

if [ $# = 4 ]; then
    restic snapshots --json | jq --raw-output 'sort_by(.time)[].id'
else
    restic dump "$5" "$1.sql"
fi
