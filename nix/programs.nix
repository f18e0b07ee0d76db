# What the harness runs on the host beside Python.
pkgs: [
  pkgs.gnupg
  pkgs.gzip
  pkgs.nix
  pkgs.qemu
  pkgs.rclone
  pkgs.util-linux
  pkgs.zstd
]
