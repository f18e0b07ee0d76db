# Which program belongs to which package, and which Debian package carries it in the guest.
#
# A name is a file of /usr/bin, where it may have another name (`sh=bash`); `sbin` ones are in /usr/sbin. All are in
# the package's bin/, as on NixOS.
# `version` is the upstream version in each Debian release.
{
  age = {
    debian = "age";
    version = {
      bookworm = "1.1.1";
      trixie = "1.2.1";
    };
    main = "age";
    programs = "age age-keygen";
  };
  bash = {
    debian = "bash";
    version = {
      bookworm = "5.2.15";
      trixie = "5.2.37";
    };
    main = "bash";
    programs = "bash sh=bash";
  };
  bzip2 = {
    debian = "bzip2";
    version = {
      bookworm = "1.0.8";
      trixie = "1.0.8";
    };
    main = "bzip2";
    programs = "bunzip2 bzcat bzip2 bzip2recover";
  };
  coreutils = {
    debian = "coreutils";
    version = {
      bookworm = "9.1";
      trixie = "9.7";
    };
    programs = ''
      [ arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown cksum comm cp csplit cut date dd df dir
      dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join link ln logname
      ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx
      pwd readlink realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort
      split stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort tty uname unexpand uniq
      unlink users vdir wc who whoami yes
    '';
    sbin = "chroot";
  };
  curl = {
    debian = "curl";
    version = {
      bookworm = "7.88.1";
      trixie = "8.14.1";
    };
    main = "curl";
    programs = "curl";
  };
  diffutils = {
    debian = "diffutils";
    version = {
      bookworm = "3.8";
      trixie = "3.10";
    };
    main = "diff";
    programs = "cmp diff diff3 sdiff";
  };
  findutils = {
    debian = "findutils";
    version = {
      bookworm = "4.9.0";
      trixie = "4.10.0";
    };
    programs = "find xargs";
  };
  gawk = {
    debian = "gawk";
    version = {
      bookworm = "5.2.1";
      trixie = "5.2.1";
    };
    main = "gawk";
    programs = "awk=gawk gawk";
  };
  gnugrep = {
    debian = "grep";
    version = {
      bookworm = "3.8";
      trixie = "3.11";
    };
    main = "grep";
    programs = "egrep fgrep grep";
  };
  gnupg = {
    debian = "gnupg";
    version = {
      bookworm = "2.2.40";
      trixie = "2.4.7";
    };
    main = "gpg";
    programs = "gpg gpg-agent gpg-connect-agent gpgconf gpgsm gpgv";
  };
  gnused = {
    debian = "sed";
    version = {
      bookworm = "4.9";
      trixie = "4.9";
    };
    main = "sed";
    programs = "sed";
  };
  gnutar = {
    debian = "tar";
    version = {
      bookworm = "1.34";
      trixie = "1.35";
    };
    main = "tar";
    programs = "tar";
  };
  gzip = {
    debian = "gzip";
    version = {
      bookworm = "1.12";
      trixie = "1.13";
    };
    main = "gzip";
    programs = "gunzip gzexe gzip uncompress zcat zcmp zdiff zegrep zfgrep zforce zgrep zless zmore znew";
  };
  jq = {
    debian = "jq";
    version = {
      bookworm = "1.6";
      trixie = "1.7.1";
    };
    main = "jq";
    programs = "jq";
  };
  openssl = {
    debian = "openssl";
    version = {
      bookworm = "3.0";
      trixie = "3.5";
    };
    main = "openssl";
    programs = "c_rehash openssl";
  };
  python3 = {
    debian = "python3";
    version = {
      bookworm = "3.11.2";
      trixie = "3.13.5";
    };
    main = "python3";
    programs = "python3";
  };
  restic = {
    debian = "restic";
    version = {
      bookworm = "0.14.0";
      trixie = "0.18.0";
    };
    main = "restic";
    programs = "restic";
  };
  systemd = {
    debian = "systemd";
    version = {
      bookworm = "252";
      trixie = "257";
    };
    programs = ''
      busctl hostnamectl journalctl localectl loginctl networkctl systemctl systemd-analyze systemd-ask-password
      systemd-cat systemd-cgls systemd-cgtop systemd-creds systemd-delta systemd-detect-virt systemd-escape
      systemd-id128 systemd-inhibit systemd-machine-id-setup systemd-mount systemd-notify systemd-path systemd-run
      systemd-socket-activate systemd-stdio-bridge systemd-sysusers systemd-tmpfiles
      systemd-tty-ask-password-agent systemd-umount timedatectl
    '';
  };
  util-linux = {
    debian = "util-linux";
    version = {
      bookworm = "2.38.1";
      trixie = "2.41";
    };
    programs = ''
      choom chrt dmesg fallocate findmnt flock getopt hardlink ionice ipcmk ipcrm ipcs lsblk lscpu lsipc lslocks lsns
      mcookie more mountpoint namei nsenter prlimit rev setarch setpriv setsid taskset unshare whereis
    '';
    sbin = "agetty blkid blockdev fsck fsfreeze fstrim losetup mkfs mkswap pivot_root runuser swaplabel wipefs";
  };
  xz = {
    debian = "xz-utils";
    version = {
      bookworm = "5.4.1";
      trixie = "5.8.1";
    };
    main = "xz";
    programs = "unxz xz xzcat xzcmp xzdiff xzegrep xzfgrep xzgrep xzless xzmore";
  };
  zstd = {
    debian = "zstd";
    version = {
      bookworm = "1.5.4";
      trixie = "1.5.7";
    };
    main = "zstd";
    programs = "pzstd unzstd zstd zstdcat zstdgrep zstdless zstdmt";
  };
}
