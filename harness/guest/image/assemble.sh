#!/bin/sh
# assemble.sh ROOTFS.tar FILES OUT SIZE: unpack a root filesystem, lay FILES over it, and leave disk.raw, vmlinuz and
# initrd in OUT. Runs as root or as root of a user namespace; the tree is unpacked below OUT and removed.
set -eu
PATH=$PATH:/usr/sbin:/sbin # a user's may lack them
rootfs=$1 files=$2 out=$3 size=$4
root=$out/root
mkdir "$root"
# Its device nodes stay out: a user namespace may not make them, and the initrd moves a devtmpfs there.
tar --extract --numeric-owner --exclude './dev/*' --file "$rootfs" --directory "$root"
tar --create --owner=0 --group=0 --directory "$files" . | tar --extract --no-overwrite-dir --directory "$root"

# --- units that nobody needs here cost seconds of an emulated boot ------------------------------------------------
for unit in \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    getty@tty1.service getty-static.service console-getty.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
    sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount systemd-binfmt.service \
    modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service \
    modprobe@fuse.service modprobe@loop.service systemd-pstore.service systemd-hwdb-update.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-update-done.service \
    systemd-firstboot.service systemd-sysusers.service systemd-journal-catalog-update.service ldconfig.service \
    systemd-machine-id-commit.service systemd-boot-random-seed.service systemd-pcrphase.service \
    systemd-pcrphase-initrd.service systemd-pcrphase-sysinit.service systemd-tpm2-setup.service \
    systemd-tpm2-setup-early.service tpm2.target systemd-hibernate-clear.service systemd-timesyncd.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
rm -f "$root"/etc/systemd/system/*/postgresql.service # Debian's; the site brings its own
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
touch "$root/etc/.updated" "$root/var/.updated"

for unit in multi-user.target.wants/systemd-networkd.service sockets.target.wants/systemd-networkd.socket \
    network-online.target.wants/systemd-networkd-wait-online.service getty.target.wants/serial-getty@ttyS0.service; do
    mkdir -p "$root/etc/systemd/system/${unit%/*}"
    name=${unit##*/}
    case $name in serial-getty@*) name=serial-getty@.service ;; esac
    ln -sf "/lib/systemd/system/$name" "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /usr/lib/pg-archive-gate/agent.service "$root/etc/systemd/system/pg-archive-gate-agent.service"
ln -sf /usr/lib/pg-archive-gate/agent.service \
    "$root/etc/systemd/system/multi-user.target.wants/pg-archive-gate-agent.service"
mkdir -p "$root/etc/systemd/system/sysinit.target.wants"
ln -sf ../gate-secrets.service "$root/etc/systemd/system/sysinit.target.wants/gate-secrets.service"
chroot "$root" groupadd --system keys # sops-nix's group

echo machine > "$root/etc/hostname"
ln -sf /usr/share/zoneinfo/UTC "$root/etc/localtime"
printf '/dev/vda / ext4 defaults,noatime 0 1\n' > "$root/etc/fstab"
rm -f "$root/etc/machine-id" && chroot "$root" systemd-machine-id-setup > /dev/null 2>&1
chroot "$root" python3 -m compileall -q /usr/lib/python3* > /dev/null 2>&1 || true

# --- kernel, and an initrd of one static busybox and the modules that reach the disk -------------------------------
kernel=$(basename "$root"/lib/modules/*)
cp "$root/boot/vmlinuz-$kernel" "$out/vmlinuz"
initrd=$root/tmp/initrd
mkdir -p "$initrd/bin" "$initrd/modules" "$initrd/proc" "$initrd/dev" "$initrd/root"
cp "$root/bin/busybox" "$initrd/bin/busybox"
ln -s busybox "$initrd/bin/sh"
for module in virtio_pci virtio_blk ext4; do
    chroot "$root" /sbin/modprobe --set-version "$kernel" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$root/tmp/modules"
while read -r file; do
    name=$(basename "$file")
    case $name in
        *.xz) name=${name%.xz} && xz --decompress --stdout "$root$file" > "$initrd/modules/$name" ;;
        *.zst) name=${name%.zst} && zstd -q --decompress --stdout "$root$file" > "$initrd/modules/$name" ;;
        *) cp "$root$file" "$initrd/modules/$name" ;;
    esac
    echo "$name" >> "$initrd/modules/order"
done < "$root/tmp/modules"
cp "$(dirname "$0")/initrd-init.sh" "$initrd/init"
chmod 755 "$initrd/init"
chroot "$root" sh -c 'cd /tmp/initrd && find . | cpio --quiet --create --format=newc' > "$out/initrd"
rm -rf "$initrd" "$root/tmp/modules"

mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -d "$root" "$out/disk.raw" "$size"
rm -rf "$root"
