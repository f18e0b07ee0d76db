#!/usr/bin/env bash
# Fails if the change is bad; change.nix says where the records are, of what the module is and of what it was.
mkdir "${out:?}"
if ! pg-archive-gate report "${record:?}" --baseline "${baseline:?}" --out "$out/report.html"; then
    echo "JUnit and evidence: now $record, before $baseline"
    exit 1
fi
ln -s "$record" "$out/now"
ln -s "$baseline" "$out/before"
