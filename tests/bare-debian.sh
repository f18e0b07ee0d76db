#!/bin/sh
# Runs a command of this checkout in a bare Debian, and leaves nothing behind but a cached tar file.
# The root filesystem is made by mmdebstrap from the mirrors that this machine's apt knows; apt's and pip's settings go with it.
set -eu

usage() {
    cat << 'HELP'
usage: tests/bare-debian.sh [--user] [--container] RELEASE COMMAND...      (as root)

  tests/bare-debian.sh trixie ./run prove
  tests/bare-debian.sh --user bookworm ./run test

  --user       as an ordinary user with sudo, not as root
  --container  as in an unprivileged container: no mounts, no user namespaces, no device nodes

The root filesystem is kept in ~/.cache/bare-debian (XDG_CACHE_HOME); remove it to rebuild it.
HELP
}

fail() { printf 'bare-debian: %s\n' "$*" >&2; exit 2; }

# --- inside the namespaces, as process 1 of them -------------------------------------------------------------------
mount_system() {
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    for device in null zero full random urandom tty kvm; do
        [ -e "/dev/$device" ] || continue
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%:*}" "$root/dev/${stream#*:}"; done
    # What pip is told to read from this machine's disk.
    sed -n 's/^[a-z-]* = //p' "$root/etc/pip.conf" | tr ' ' '\n' | sed 's,^file://,,' | while read -r path; do
        case $path in /*) [ -d "$path" ] || path=$(dirname "$path") ;; *) continue ;; esac
        case $path in /etc/*) continue ;; esac # copied
        [ -d "$path" ] || continue
        case $path in */simple) path=$(dirname "$path") ;; esac # its files lie beside an index
        mkdir -p "$root$path"
        mount --bind -o ro "$path" "$root$path"
    done
}

enter() {
    root=$1 account=$2 container=$3
    shift 3
    hostname bare-debian
    mount_system
    if [ "$account" = root ]; then
        home=/root path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    else
        home=/home/$account path=/usr/local/bin:/usr/bin:/bin
    fi
    # Neither the caller's environment nor the signals that a shell's background job ignores.
    # shellcheck disable=SC2016  # the inner shell's
    set -- env -i --default-signal PATH="$path" HOME="$home" USER="$account" LOGNAME="$account" TERM="${TERM:-dumb}" \
        sh -c 'cd "$HOME/pg-archive-gate" && exec "$@"' sh "$@"
    [ "$account" = root ] || set -- setpriv --reuid "$account" --regid "$account" --init-groups "$@"
    if [ "$container" = yes ]; then
        # The kernel refuses user namespaces in a chroot.
        setpriv --bounding-set -sys_admin,-mknod --inh-caps -sys_admin,-mknod chroot "$root" "$@" &
    else
        cd "$root"
        pivot_root . .
        umount -l .
        chroot . "$@" &
    fi
    # As process 1: outlives the command, and reaps what the command leaves.
    wait $!
}

# --- outside -------------------------------------------------------------------------------------------------------
sources() {
    # shellcheck disable=SC2016  # apt's own
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' --format '$(LABEL) $(REPO_URI)' | sort -u \
        | sed -n "s/^Debian \(.*\)/deb \1 $release main/p; s/^Debian-Security \(.*\)/deb \1 $release-security main/p"
}

make_base() {
    [ ! -e "$base" ] || return 0
    echo "bare-debian: making a root filesystem of $release" >&2
    sources > "$scratch/sources"
    apt-config dump | grep -E '^Acquire::(https?::|Check-)' > "$scratch/apt.conf" || true
    mmdebstrap --quiet --variant=minbase --include=sudo --aptopt="$scratch/apt.conf" "$release" "$scratch/base.tar" "$scratch/sources"
    mv "$scratch/base.tar" "$base"
}

pip_settings() {
    echo '[global]'
    python3 -m pip config list 2> /dev/null | sed -n "s/^\(global\|:env:\)\.\([a-z-]*\)='\(.*\)'$/\2 = \3/p" \
        | awk '{ setting[$1] = $0 } END { for (name in setting) print setting[name] }'
}

furnish() {
    mkdir "$root"
    tar --extract --file "$base" --directory "$root" --exclude './dev/*' --numeric-owner
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '127.0.0.1 localhost bare-debian\n' > "$root/etc/hosts"
    echo bare-debian > "$root/etc/hostname"
    pip_settings > "$root/etc/pip.conf"
    for own in /etc/apt/auth.conf.d /usr/local/share/ca-certificates /etc/xdg/pip; do
        [ -d "$own" ] || continue
        mkdir -p "$root$own"
        cp -R "$own/." "$root$own"
    done
    home=$root/root
    if [ "$account" != root ]; then
        home=$root/home/$account
        chroot "$root" useradd --create-home --shell /bin/bash "$account"
        echo "$account ALL=(ALL) NOPASSWD: ALL" > "$root/etc/sudoers.d/$account"
    fi
    mkdir "$home/pg-archive-gate"
    git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read \
        | tar --extract --directory "$home/pg-archive-gate" --no-same-owner
    [ "$account" = root ] || chroot "$root" chown -R "$account:" "/home/$account/pg-archive-gate"
}

# shellcheck disable=SC2317  # called by the traps
clean_up() {
    trap '' INT TERM HUP
    if [ -n "${child-}" ]; then
        kill -KILL "$child" 2> /dev/null || true # and with it all that is in its namespaces
        wait "$child" 2> /dev/null || true
    fi
    rm -rf --one-file-system "$scratch"
}

if [ "${1-}" = --enter ]; then
    shift
    enter "$@"
    exit
fi

account=root container=no
while :; do
    case ${1-} in
        --user) account=user ;;
        --container) container=yes ;;
        -*) usage >&2 && exit 2 ;;
        *) break ;;
    esac
    shift
done
[ $# -ge 2 ] || { usage >&2 && exit 2; }
[ "$(id -u)" = 0 ] || fail "a root filesystem needs root"
release=$1
shift

script=$(realpath "$0")
cd "$(dirname "$script")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bare-debian
base=$cache/$release.tar
mkdir -p "$cache"
scratch=$(mktemp -d "$cache/run.XXXXXX")
root=$scratch/root
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
make_base
furnish
unshare --mount --pid --uts --ipc --fork --kill-child "$script" --enter "$root" "$account" "$container" "$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
