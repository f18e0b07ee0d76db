"""Runs a few million guest instructions under KVM; a separate program, so that a hang can be killed.

``python3 -I kvm_probe.py /dev/kvm`` prints why KVM is unusable and exits with 1, or exits with 0. Structures and
numbers: linux/kvm.h and Documentation/virt/kvm/api.rst of the Linux kernel, for x86-64.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import signal
import struct
import sys

_LIMIT = 0.5  # seconds; 1 % of it at native speed
_LOOPS = 20_000_000
_ENTRY = 0x1000
_MEMORY = 0x10000
# 16-bit code: mov ecx, _LOOPS; l: dec ecx; jnz l; hlt
_CODE = b"\x66\xb9" + struct.pack("<I", _LOOPS) + b"\x66\x49\x75\xfc\xf4"

_GET_API_VERSION, _CREATE_VM, _GET_VCPU_MMAP_SIZE, _CREATE_VCPU, _RUN = 0xAE00, 0xAE01, 0xAE04, 0xAE41, 0xAE80
_SET_USER_MEMORY_REGION, _SET_REGS, _GET_SREGS, _SET_SREGS = 0x4020AE46, 0x4090AE82, 0x8138AE83, 0x4138AE84
_API_VERSION = 12
_EXIT_HLT = 5
_SREGS = struct.Struct("<QIH298x")  # 312 bytes; cs comes first: base, limit, selector
_RIP, _RFLAGS, _REGISTERS = 16, 17, 18


def complaint(device: str) -> str:
    """Return why guest code does not run at native speed, "" if it does. Raises OSError if KVM refuses a step."""
    with contextlib.ExitStack() as stack:

        def own(descriptor: int) -> int:
            stack.callback(os.close, descriptor)
            return descriptor

        kvm = own(os.open(device, os.O_RDWR | os.O_CLOEXEC))
        version = fcntl.ioctl(kvm, _GET_API_VERSION, 0)
        if version != _API_VERSION:
            return f"{device} has API version {version}, not {_API_VERSION}"
        machine = own(fcntl.ioctl(kvm, _CREATE_VM, 0))
        memory = mmap.mmap(-1, _MEMORY)
        memory[_ENTRY : _ENTRY + len(_CODE)] = _CODE
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        fcntl.ioctl(machine, _SET_USER_MEMORY_REGION, struct.pack("<IIQQQ", 0, 0, 0, _MEMORY, address))
        processor = own(fcntl.ioctl(machine, _CREATE_VCPU, 0))
        state = mmap.mmap(processor, fcntl.ioctl(kvm, _GET_VCPU_MMAP_SIZE, 0))
        segments = bytearray(_SREGS.size)
        fcntl.ioctl(processor, _GET_SREGS, segments)
        struct.pack_into("<Q", segments, 0, 0)  # cs.base
        struct.pack_into("<H", segments, 12, 0)  # cs.selector
        fcntl.ioctl(processor, _SET_SREGS, bytes(segments))
        registers = [0] * _REGISTERS
        registers[_RIP], registers[_RFLAGS] = _ENTRY, 2
        fcntl.ioctl(processor, _SET_REGS, struct.pack(f"<{_REGISTERS}Q", *registers))
        signal.signal(signal.SIGALRM, _too_slow)
        signal.setitimer(signal.ITIMER_REAL, _LIMIT)
        fcntl.ioctl(processor, _RUN, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        (reason,) = struct.unpack_from("<I", state, 8)  # kvm_run.exit_reason
        return "" if reason == _EXIT_HLT else f"KVM left the guest for reason {reason} instead of running it"


def _too_slow(*_: object) -> None:
    message = f"{_LOOPS:,} guest instructions took over {_LIMIT:g} s, so KVM emulates rather than runs them"
    raise TimeoutError(message)


if __name__ == "__main__":
    try:
        said = complaint(sys.argv[1])
    except OSError as error:
        said = str(error)
    print(said)
    sys.exit(bool(said))
