# The ids of the mutants of ../mutants all of whose tests are in these folders, in four parts.
{ lib, folders }:
let
  parts = 4;
  listed = file: (builtins.fromTOML (builtins.readFile file)).mutant;
  all = listed ../mutants/catalogue.toml ++ listed ../mutants/gate.toml;
  isHere = test: lib.any (folder: lib.hasPrefix "${folder}/" test) folders;
  here = lib.filter (mutant: lib.all isHere mutant.tests && !mutant ? equivalent) all;
  numbered = lib.imap0 (index: mutant: { inherit index mutant; }) here;
in
lib.genList (
  part: map (each: each.mutant.id) (lib.filter (each: lib.mod each.index parts == part) numbered)
) parts
