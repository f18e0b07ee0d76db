#!/bin/bash
# backdoor.sh TERMINAL LOG: a root shell on a terminal, by the steps of the backdoor.service of NixOS's tests
# (nixos/modules/testing/test-instrumentation.nix): the terminal made raw, the greeting, a bash that reads the terminal.
export PAGER=
exec 2> "$2" <> "$1" >&0
stty -F "$1" raw -echo
echo "Spawning backdoor root shell..."
PS1='' exec env bash --norc "$1"
