# The programs, besides Python, that the harness runs on the host.
pkgs: [
  pkgs.gnupg
  pkgs.gzip
  pkgs.nix
  pkgs.qemu
  pkgs.rclone
  pkgs.util-linux
  pkgs.zstd
]
