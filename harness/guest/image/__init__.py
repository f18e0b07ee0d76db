"""The debian guest's disk image: a root filesystem of Debian packages, a cloud kernel, a tiny initrd."""
