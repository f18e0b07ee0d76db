#!/usr/bin/env bash
# Copies the records beside the page, which links to their files; report.nix says where they are. `baseline` is empty
# unless a change is judged.
mkdir "${out:?}"
cp --recursive --dereference "${records:?}" "$out/records"
words=("$out/records" --out "$out/report.html")
if [ -n "${baseline:-}" ]; then
    cp --recursive --dereference "$baseline" "$out/baseline"
    words+=(--baseline "$out/baseline")
fi
# With a baseline the command's status is a verdict, which is the checks' to give.
pg-archive-gate report "${words[@]}" || [ -s "$out/report.html" ]
