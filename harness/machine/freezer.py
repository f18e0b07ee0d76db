"""Freezing a machine into a template, and thawing fresh machines from it.

The method is QEMU's migration to a file. RAM mapped shared from a file is already there, so that with the capability
``x-ignore-shared`` only the devices' state is written, in 0.02 s; other RAM is written with it. A thawed machine maps
the file privately: pages it writes are copied, the file stays unchanged for all others.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.host.process import dying_with_us
from harness.machine.agent import FROZEN
from harness.machine.errors import MachineError, QmpError, TemplateError
from harness.machine.machine import Machine
from harness.machine.ram_delta import apply_delta, write_delta
from harness.machine.template import Template

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.workspace import Workspace
    from harness.machine.qmp import Qmp

_MIGRATION_LIMIT = 120.0  # seconds; only RAM without its own file takes more than a moment
_STARTED = 180.0  # seconds from the command channel's first answer until all units have started
_GREETING_LIMIT = 30.0  # seconds; some tenths are usual
_POLL = 0.005  # seconds


def freeze(machine: Machine, directory: Path, *, base: Template | None = None) -> Template:
    """Freeze a running machine, which is off afterwards, into ``directory``, which exists.

    With ``base``, the template that it was started from, no more of the RAM is kept than what differs from that; the
    directories of both must then stay where they are to each other, as two entries of one cache do.

    Nothing is copied if the machine was made with ``freeze_into=directory``; any other can be frozen too, more slowly.
    A machine that QEMU cannot freeze (a device of it cannot migrate) is shut down: its template is the disk, to be
    booted.

    Raises:
        MachineError: the guest did not cooperate.
    """
    directory.chmod(0o700)
    nonce = secrets.token_hex(16)
    machine.push(nonce.encode(), str(FROZEN), mode=0o600)
    machine.check(["sync"], timeout=_MIGRATION_LIMIT)  # so that the disk alone also boots
    machine.console.hang_up()
    boot_id = machine.boot_id
    state = directory / "state"
    state.touch(mode=0o600)
    qemu = machine.qmp.version
    cold = ""
    try:
        machine.qmp.execute("stop")
        _migrate(machine, state)
    except (TemplateError, QmpError) as error:
        cold = error.sentence
        machine.qmp.execute("cont")
        machine.power_off()
        for path in filter(None, (state, machine.memory_file)):
            path.unlink(missing_ok=True)
    machine.power_cut()
    for path in filter(None, (machine.disk, machine.memory_file)):
        if path.exists() and path.parent != directory:  # a template to be booted has no RAM file
            shutil.move(path, directory / path.name)
    place = ""
    if base and base.ram and (directory / "ram").exists():
        write_delta(base.ram, directory / "ram", directory / "delta")
        (directory / "ram").unlink()
        place = os.path.relpath(base.directory, directory.parent)
    template = Template(directory, machine.hardware, nonce, boot_id, qemu, cold, place)
    template.save()
    return Template.load(directory)


def thaw(template: Template, *, workspace: Workspace, name: str, freeze_into: Path | None = None) -> Machine:
    """Start a fresh machine from the frozen state, with the right time and its own random numbers.

    With ``freeze_into`` it gets its own copy of the RAM (some 0.2 s), so that it can become the next template.

    Raises:
        TemplateError: the template is not for this QEMU, or a machine other than the frozen one came up.
    """
    if template.cold:
        raise TemplateError(template.cold)
    machine = Machine(template.hardware, workspace=workspace, name=name, freeze_into=freeze_into)
    try:
        ram = _whole_ram(template, workspace)
        if freeze_into is not None:
            machine.memory_file = _copy(ram, freeze_into) if ram else None
            ram = machine.memory_file
        machine.launch(memory_file=ram, private=freeze_into is None, extra=["-incoming", "defer"])
        _load(machine, template)
        _recognise(machine, template)
        machine.set_clock()
        machine.channel.add_entropy(Deadline(_GREETING_LIMIT))
    except BaseException as error:
        machine.close()
        if isinstance(error, MachineError) and not isinstance(error, TemplateError):
            message = f"{template.directory} does not start: {error.sentence}"
            raise TemplateError(message, error.console) from error
        raise
    return machine


def boot_cold(template: Template, *, workspace: Workspace, name: str, freeze_into: Path | None = None) -> Machine:
    """Boot a fresh machine from a template's disk alone. Raises what ``Machine.boot`` raises."""
    machine = Machine(template.hardware, workspace=workspace, name=name, freeze_into=freeze_into)
    try:
        machine.boot()
    except BaseException:
        machine.close()
        raise
    return machine


def start(
    template: Template, *, workspace: Workspace, name: str, freeze_into: Path | None = None
) -> tuple[Machine, str]:
    """Thaw a fresh machine, or boot it cold if impossible, and wait for its units; return why it is cold, or "".

    Raises what ``boot_cold`` and ``Machine.wait_for_unit`` raise.
    """
    try:
        return thaw(template, workspace=workspace, name=name, freeze_into=freeze_into), ""
    except TemplateError as error:
        if freeze_into is not None:
            (freeze_into / "disk.qcow2").unlink(missing_ok=True)
        cold = error.sentence
    machine = boot_cold(template, workspace=workspace, name=f"{name}-cold", freeze_into=freeze_into)
    try:
        machine.wait_for_unit("multi-user.target", timeout=_STARTED)
    except BaseException:
        machine.close()
        raise
    return machine, cold


def _migrate(machine: Machine, state: Path) -> None:
    qmp = machine.qmp
    _ignore_shared(qmp)
    qmp.execute("migrate", uri=f"exec:cat > {shlex.quote(str(state))}")
    deadline = Deadline(_MIGRATION_LIMIT)
    while (progress := qmp.execute("query-migrate")).get("status") != "completed":
        if progress.get("status") in {"failed", "cancelled"} or deadline.passed:
            message = f"QEMU did not freeze {machine.name}: {progress}; is the disk with {state} full?"
            raise TemplateError(message)
        time.sleep(_POLL)


def _load(machine: Machine, template: Template) -> None:
    qmp = machine.qmp
    if qmp.version != template.qemu:
        message = f"{template.directory} was frozen by another version of QEMU; remove it, and it will be rebuilt"
        raise TemplateError(message)
    _ignore_shared(qmp)
    qmp.execute("migrate-incoming", uri=f"exec:cat {shlex.quote(str(template.state))}")
    deadline = Deadline(_MIGRATION_LIMIT)
    while qmp.execute("query-status")["status"] == "inmigrate":
        if deadline.passed:
            message = f"QEMU did not load {template.state} within {deadline.seconds:g} s"
            raise TemplateError(message)
        time.sleep(_POLL)
    qmp.execute("cont")


def _recognise(machine: Machine, template: Template) -> None:
    greeting = machine.greet(Deadline(_GREETING_LIMIT), thawed=True)
    if (greeting.boot_id, greeting.frozen) != (template.boot_id, template.nonce):
        message = f"the machine that started is not the one frozen in {template.directory}; remove that directory"
        raise TemplateError(message, machine.channel.vitals.tail())


def _ignore_shared(qmp: Qmp) -> None:
    capability = {"capability": "x-ignore-shared", "state": True}
    qmp.execute("migrate-set-capabilities", capabilities=[capability])


def _whole_ram(template: Template, workspace: Workspace) -> Path | None:
    """Return the file with the RAM; a delta is expanded once for each workspace."""
    if template.delta is None:
        return template.ram
    directory = workspace.subdirectory(f"ram-{template.directory.name}")
    if not (whole := directory / "whole").exists():
        if not template.base_ram.exists():
            message = f"{template.directory} rests on {template.base_ram.parent}, which has no RAM; remove it"
            raise TemplateError(message)
        ram = _copy(template.base_ram, directory)
        try:
            apply_delta(template.delta, ram)
        except OSError as error:
            message = f"the RAM of {template.directory} cannot be put together in {directory}: {error.strerror}"
            raise MachineError(message) from None
        ram.rename(whole)
    return whole


def _copy(ram: Path, directory: Path) -> Path:
    """Copy the RAM file with its holes. Raises MachineError."""
    copy = directory / "ram"
    copy.touch(mode=0o600)
    command = ["cp", "--sparse=always", "--reflink=auto", "--", str(ram), str(copy)]
    try:
        done = subprocess.run(
            dying_with_us(command), capture_output=True, text=True, timeout=_MIGRATION_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        copy.unlink()
        message = f"the RAM of a frozen machine was not copied in {_MIGRATION_LIMIT:g} s; is the disk full, or slow?"
        raise MachineError(message) from None
    if done.returncode:
        copy.unlink()
        message = f"the RAM of a frozen machine cannot be copied: {done.stderr.strip()}; is the disk full?"
        raise MachineError(message)
    return copy
