#!/bin/sh
# mmdebstrap's essential hook; $1 is the root filesystem, whose packages are not configured yet.
set -eu
# The site starts its own cluster from its own unit, as NixOS does.
mkdir -p "$1/etc/postgresql-common"
echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"
# NixOS's default locale, which initdb takes over.
echo "en_US.UTF-8 UTF-8" > "$1/etc/locale.gen"
