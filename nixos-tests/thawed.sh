#!/usr/bin/env bash
# Judges in a build; thawed.nix sets driver and scenario.
mkdir "${out:?}"
export HOME=$PWD
"${driver:?}/bin/gate-${scenario:?}"
