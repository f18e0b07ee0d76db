"""Another project's pytest, with our package installed: it notices nothing until it asks."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_CONFTEST = """
import pytest

class Fixture:
    def __init__(self, name):
        self.name = name

@pytest.fixture
def host():
    return "the project's"

@pytest.fixture(params=["theirs"])
def database(request):
    return request.param

@pytest.fixture
def trial():
    return "of a drug"
"""

_TESTS = """
import signal
import sys

import pytest

def test_its_fixtures_are_its_own(host, trial, database):
    assert (host, trial, database) == ("the project's", "of a drug", "theirs")

@pytest.mark.promise("kept")
def test_its_markers_mean_what_they_mean_there():
    pass

def test_signals_are_left_alone():
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

def test_nothing_heavy_is_loaded():
    heavy = {"boto3", "botocore", "cryptography", "moto", "pexpect", "psutil", "pysequoia", "qemu", "rich",
             "trustme", "typer", "werkzeug"}
    assert sorted(heavy & set(sys.modules)) == []
    ours = {name for name in sys.modules if name.split(".")[0] == "harness"}
    assert "harness.plugin" in ours, "the entry point is not installed, so that this test says nothing"
    assert {name for name in ours if not name.startswith("harness.plugin")} == {
        "harness", "harness.errors", "harness.kinds", "harness.options",
    }

def test_xdist_counts_as_it_does(pytestconfig):
    assert pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig) == 77  # by the environment

@pytest.mark.parametrize("name", ["machine", "faults"])
def test_no_other_names_are_taken(request, name):
    with pytest.raises(pytest.FixtureLookupError):
        request.getfixturevalue(name)
"""

_SCENARIO = """
def test_ours(trial, host):
    pass
"""

_SETTINGS = """
[pytest]
addopts = --strict-markers --strict-config -p no:cacheprovider -p no:randomly
markers = promise(name): what the project promises
filterwarnings = error
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that does not know us; its user has no home, and its environment has names like ours."""
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    (tmp_path / "test_project.py").write_text(_TESTS)
    (tmp_path / "pytest.ini").write_text(_SETTINGS)
    (tmp_path / "tmp").mkdir()
    return tmp_path


def run(project: Path, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the project's tests where only its temporary directory is writable."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=project,
        env={
            "HOME": "/dev/null",  # root can write anywhere else
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # the code under test may not be what is installed
            "TMPDIR": str(project / "tmp"),
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "77",
        }
        | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_sees_nothing_of_us(project: Path) -> None:
    ended = run(project, "-v", environment={"GATE_RELEASE": "v1.2", "GATE_SITE": "production"})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "gate" not in ended.stdout.replace("pg-archive-gate", "").replace(str(project), "") + ended.stderr
    assert list((project / "tmp").glob("pg-archive-gate*")) == []


def test_a_plugins_host_is_the_plugins(project: Path) -> None:
    """testinfra is our dependency: its users still get its hosts."""
    (project / "conftest.py").unlink()
    (project / "test_project.py").write_text(
        "def test_it(host):\n    assert host.backend.get_connection_type() == 'local'\n"
    )
    ended = run(project, "--hosts=local://")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def scenario(project: Path) -> Path:
    """One of the project's tests and one scenario."""
    (project / "test_project.py").write_text('def test_theirs(host):\n    assert host == "the project\'s"\n')
    (project / "conftest.py").write_text(_CONFTEST.replace("def trial", "def drug"))
    (project / "test_scenario.py").write_text(_SCENARIO)
    return project


def test_their_host_is_theirs_beside_a_scenario(scenario: Path) -> None:
    ended = run(scenario, "-v")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 passed, 1 error" in ended.stdout
    refusal = "gate: cannot judge here: the cache /dev/null/.cache/pg-archive-gate cannot be created"
    assert ended.stdout.count(refusal) == 1


def test_the_workers_say_it_once(scenario: Path) -> None:
    ended = run(scenario, "-n", "2")
    assert "1 passed, 1 error" in ended.stdout, ended.stdout + ended.stderr
    assert (ended.stdout + ended.stderr).count("gate: cannot judge here: the cache") == 1


def test_a_list_of_tests_makes_nothing(scenario: Path) -> None:
    ended = run(scenario, "--collect-only")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "gate: " not in ended.stdout
    assert list((scenario / "tmp").glob("pg-archive-gate*")) == []


def test_a_variable_counts_for_a_scenario(scenario: Path) -> None:
    ended = run(scenario, "test_scenario.py", environment={"GATE_RELEASE": "v1.2"})
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR, ended.stdout + ended.stderr
    assert ended.stderr.strip() == "ERROR: --gate-release: 'v1.2' is not one of bookworm, trixie"
