#!/bin/sh
# mmdebstrap's customize hook; $1 is the finished root filesystem.
set -eu
echo "LANG=en_US.UTF-8" > "$1/etc/locale.conf"
rm -f "$1"/boot/initrd.img* # assemble.sh makes a smaller one
