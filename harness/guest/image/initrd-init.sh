#!/bin/sh
# /init of the initrd: loads the modules that reach the disk, mounts it, and hands over to systemd.
busybox=/bin/busybox
$busybox mount -t devtmpfs dev /dev
while read -r module; do $busybox insmod "/modules/$module"; done < /modules/order
waited=0
while [ ! -b /dev/vda ] && [ $waited -lt 1000 ]; do $busybox usleep 10000; waited=$((waited + 1)); done
$busybox mount -t ext4 -o rw,noatime /dev/vda /root || { echo "initrd: no root filesystem on /dev/vda"; exec $busybox reboot -f; }
$busybox mount --move /dev /root/dev
exec $busybox switch_root /root /sbin/init
