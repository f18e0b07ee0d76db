#!/usr/bin/env bash
# Judges in a build; thawed.nix sets driver.
mkdir "${out:?}"
HOME=$PWD "${driver:?}"/bin/gate-*
