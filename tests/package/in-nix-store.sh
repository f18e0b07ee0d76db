#!/bin/sh
# Runs COMMAND where /nix is DIRECTORY, read-only; the rest is the host. It has its own mount namespace; SCRATCH is an
# empty directory. No overlay: not every kernel lets a user mount one.
#
#   unshare --mount in-nix-store.sh SCRATCH DIRECTORY COMMAND...
set -eu
root=$1 directory=$2
shift 2
mount -t tmpfs none "$root"
for entry in /*; do
    if [ -L "$entry" ]; then
        cp --no-dereference "$entry" "$root$entry"
    elif [ -d "$entry" ] && [ "$entry" != /nix ]; then
        mkdir "$root$entry"
        mount --rbind "$entry" "$root$entry"
    fi
done
mkdir "$root/nix" "$root/former"
mount --bind "$directory" "$root/nix"
mount -o remount,bind,ro "$root/nix"
# Not by chroot(2): inside one no user namespace can be created, which Nix needs.
cd "$root"
pivot_root . former
umount --lazy former
exec "$@"
