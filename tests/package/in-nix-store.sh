#!/bin/sh
# Runs COMMAND where /nix is DIRECTORY, read-only; the rest is the host, with a writable root that is thrown away. It has
# its own mount namespace; SCRATCH is an empty directory.
#
#   unshare --mount in-nix-store.sh SCRATCH DIRECTORY COMMAND...
set -eu
scratch=$1 directory=$2
shift 2
mount -t tmpfs none "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay none -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
mkdir -p "$scratch/root/nix"
mount --bind "$directory" "$scratch/root/nix"
mount -o remount,bind,ro "$scratch/root/nix"
for shared in proc dev sys tmp; do mount --rbind "/$shared" "$scratch/root/$shared"; done
# Not by chroot(2): inside one no user namespace can be created, which Nix needs.
cd "$scratch/root"
mkdir -p run/host
pivot_root . run/host
umount --lazy run/host
exec "$@"
