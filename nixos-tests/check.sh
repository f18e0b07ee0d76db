#!/usr/bin/env bash
# Fails with the report of a bad record; check.nix says where that is.
if [ "$(cat "${record:?}/status")" != 0 ]; then
    cat "$record/report.txt"
    echo "JUnit and evidence: $record"
    exit 1
fi
ln -s "$record" "${out:?}"
