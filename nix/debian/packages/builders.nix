# Derivations from shell commands, built by the evaluating machine's shell.
{
  lib,
  system,
  pkgs,
}:
rec {
  # A derivation with the additional attributes of nixpkgs' packages.
  mkPackage =
    {
      name,
      meta ? { },
      passthru ? { },
      ...
    }@attributes:
    script:
    let
      package =
        derivation (
          removeAttrs attributes [
            "meta"
            "passthru"
            # Attributes of nixpkgs' builder that ours ignores.
            "preferLocalBuild"
            "allowSubstitutes"
            "nativeBuildInputs"
          ]
          // {
            inherit name system;
            builder = "/bin/bash";
            args = [
              "-c"
              "set -eu -o pipefail; export PATH=/usr/bin:/bin; ${script}"
            ];
          }
        )
        // passthru
        // {
          inherit meta passthru;
          # One output, whatever its name.
          overrideAttrs =
            change:
            mkPackage (attributes // (if lib.isFunction change then change attributes else change)) script;
        };
    in
    package;

  runCommand =
    name: environment: script:
    mkPackage (environment // { inherit name; }) script;
  runCommandLocal = runCommand;
  runCommandNoCC = runCommand;

  # A directory of links: `links` maps each relative path to its target.
  linkTree =
    attributes: links:
    mkPackage
      (
        attributes
        // {
          links = lib.concatStrings (lib.mapAttrsToList (path: target: "${path} ${target}\n") links);
          passAsFile = [ "links" ];
        }
      )
      ''
        mkdir "$out"
        while read -r path target; do
          mkdir -p "$out/$(dirname "$path")"
          ln -s "$target" "$out/$path"
        done < "$linksPath"
      '';

  symlinkJoin =
    {
      name,
      paths,
      postBuild ? "",
      ...
    }@attributes:
    mkPackage
      (
        removeAttrs attributes [ "postBuild" ]
        // {
          paths = map toString paths;
        }
      )
      ''
        mkdir "$out"
        for path in $paths; do
          cp --recursive --symbolic-link --no-clobber --no-preserve=mode "$path/." "$out"
        done
        ${postBuild}
      '';
  buildEnv =
    { name, paths, ... }@attributes:
    symlinkJoin (
      removeAttrs attributes [
        "pathsToLink"
        "extraOutputsToInstall"
        "ignoreCollisions"
      ]
    );
  linkFarm =
    name: entries:
    linkTree { inherit name; } (
      if lib.isAttrs entries then
        lib.mapAttrs (_: toString) entries
      else
        lib.listToAttrs (map (entry: lib.nameValuePair entry.name "${entry.path}") entries)
    );
}
