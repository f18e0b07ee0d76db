#!/bin/sh
# small-disk.sh WHOLE CACHE COMMAND...: runs the command where CACHE is a small disk with all of WHOLE but its sites.
# The sites that the command leaves are listed in CACHE.left. Needs its own mount namespace.
set -eu
whole=$1 cache=$2
shift 2
mount -t tmpfs -o size=96M tmpfs "$cache"
for kind in "$whole"/*; do
    case $kind in
        */site | */nix) ;; # a Nix store must not be a link; a new one is quickly made
        *) ln -s "$kind" "$cache" ;;
    esac
done
status=0
"$@" || status=$?
find "$cache/site" -mindepth 1 -maxdepth 1 -type d > "$cache.left"
exit "$status"
