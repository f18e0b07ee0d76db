"""Tests of the guest kinds, without booting one."""
