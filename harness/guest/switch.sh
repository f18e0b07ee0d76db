#!/bin/bash
# switch.sh TOPLEVEL: make this Debian machine the system in TOPLEVEL, as `nixos-rebuild switch` would.
#
# Everything in the system's etc/ is linked into place; its units join Debian's. What only the previous system had is
# stopped and removed. Running services whose unit changed are restarted, unless it says X-RestartIfChanged=false.
set -euo pipefail
new=$1
etc=/etc/pg-archive-gate
old=$(readlink "$etc/system" || true)
mkdir -p "$etc"

below() { [ -z "$1" ] || (cd "$1/etc" && find . -not -type d | sort); }
gone=$(comm -23 <(below "$old") <(below "$new"))
units=()
while read -r file; do
    unit=${file#./systemd/system/}
    case $unit in
        "$file" | */*) ;; # not a unit, or a link that starts one with another
        *.service | *.timer | *.socket | *.path | *.target) units+=("$unit") ;;
    esac
done <<< "$gone"
[ ${#units[@]} = 0 ] || systemctl stop "${units[@]}"
while read -r file; do
    if [ -n "$file" ] && [ "$(readlink "/etc/$file")" = "$old/etc/${file#./}" ]; then rm "/etc/$file"; fi
done <<< "$gone"

services() { [ -z "$1" ] || find "$1/etc/systemd/system" -maxdepth 1 -name '*.service' -printf '%f %l\n' | sort; }
changed=()
while read -r name target; do
    if [ -e "$old/etc/systemd/system/$name" ] && ! grep -q '^X-RestartIfChanged=false' "$target"; then
        changed+=("$name")
    fi
done < <([ -z "$old" ] || comm -13 <(services "$old") <(services "$new"))

cp --recursive --symbolic-link --force "$new"/etc/* /etc/
ln -sfn "$new" "$etc/system"
printf 'L+ /run/current-system - - - - %s\n' "$new" > /etc/tmpfiles.d/pg-archive-gate-system.conf
ln -sfn "$new/tmpfiles.d/gate.conf" /etc/tmpfiles.d/pg-archive-gate-site.conf
systemd-tmpfiles --create /etc/tmpfiles.d/pg-archive-gate-system.conf /etc/tmpfiles.d/pg-archive-gate-site.conf
systemctl daemon-reload
[ ${#changed[@]} = 0 ] || systemctl try-restart "${changed[@]}"
systemctl start multi-user.target
