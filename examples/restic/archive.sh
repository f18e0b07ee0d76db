#!/usr/bin/env bash
# archive DATABASE FILE REMOTE: put a dump into the restic repository of the database at one rclone remote, and read it
# back. RCLONE_CONFIG and RESTIC_PASSWORD_FILE are set.
set -euo pipefail
database=$1 file=$2 remote=$3
repository=$remote:restic/$database
export RESTIC_REPOSITORY=rclone:$repository
restic() { command restic --no-cache "$@"; }

# Where rclone can look and finds none (3: no directory). Any other trouble must not make a new repository.
config=$(rclone lsf "$repository/config") || [ $? = 3 ]
[ -n "$config" ] || restic init --quiet

restic unlock --quiet # of runs that were killed
# From a file, not from a pipe: when pg_dump fails, restic would keep what it had got as a snapshot like any other.
snapshot=$(restic backup --host "$database" --json "$file" | jq --raw-output 'select(.message_type == "summary").snapshot_id')
restic dump "$snapshot" "$file" | cmp - "$file"
