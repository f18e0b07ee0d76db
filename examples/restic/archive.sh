#!/usr/bin/env bash
# archive DATABASE FILE REMOTE: put a dump into the restic repository of the database at one rclone remote, and read it
# back. RCLONE_CONFIG and RESTIC_PASSWORD_FILE are set.
set -euo pipefail
database=$1 file=$2 remote=$3
repository=$remote:restic/$database
export RESTIC_REPOSITORY=rclone:$repository
restic() { command restic --no-cache "$@"; }

# 3: rclone knows that there is none. For any other reason a new repository would be made over an old one.
status=0
said=$(rclone lsf "$repository/config" 2>&1) || status=$?
case $status in
    0) ;;
    3) restic init --quiet ;;
    *)
        echo "$said" >&2
        exit "$status"
        ;;
esac

restic unlock --quiet # of runs that were killed
# From a file, not from a pipe: when pg_dump fails, restic would keep what it had got as a snapshot like any other.
snapshot=$(restic backup --host "$database" --json "$file" | jq --raw-output 'select(.message_type == "summary").snapshot_id')
restic dump "$snapshot" "$file" | cmp - "$file"
