#!/usr/bin/env bash
# Builds the NixOS guest's files; guest.nix sets manifest, toplevel and root.
mkdir "${out:?}"
cp "${manifest:?}/manifest.json" "$out/manifest.json"
ln -s "${toplevel:?}/kernel" "$out/vmlinuz"
ln -s "$toplevel/initrd" "$out/initrd"
# No root=: stage 1 has it from fileSystems, in its script or, with systemd, as its own root=.
echo "init=$toplevel/init $(cat "$toplevel/kernel-params")" > "$out/cmdline"
qemu-img convert -f raw -O qcow2 "${root:?}" "$out/disk.qcow2"
qemu-img resize "$out/disk.qcow2" 8G
