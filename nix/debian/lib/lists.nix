# Functions about lists.
{ lib }:
let
  inherit (builtins)
    elem
    elemAt
    foldl'
    genList
    head
    isList
    length
    tail
    ;
in
rec {
  singleton = x: [ x ];
  toList = x: if isList x then x else [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];

  foldr =
    op: nul: xs:
    if xs == [ ] then nul else op (head xs) (foldr op nul (tail xs));
  foldl = foldl';
  fold = foldr;
  flatten = x: if isList x then builtins.concatMap flatten x else [ x ];
  remove = x: builtins.filter (y: y != x);
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  allUnique = xs: length (unique xs) == length xs;
  subtractLists = minus: builtins.filter (x: !(elem x minus));
  intersectLists = a: builtins.filter (x: elem x a);
  mutuallyExclusive = a: b: intersectLists a b == [ ];
  count = predicate: foldl' (n: x: if predicate x then n + 1 else n) 0;
  findFirst =
    predicate: default: xs:
    let
      found = builtins.filter predicate xs;
    in
    if found == [ ] then default else head found;

  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  replicate = n: x: genList (_: x) n;
  imap0 = f: xs: genList (n: f n (elemAt xs n)) (length xs);
  imap1 = f: xs: genList (n: f (n + 1) (elemAt xs n)) (length xs);
  last = xs: elemAt xs (length xs - 1);
  init = xs: take (length xs - 1) xs;
  sublist =
    start: count: xs:
    let
      available = length xs - start;
    in
    genList (n: elemAt xs (start + n)) (lib.max 0 (lib.min count available));
  take = sublist 0;
  drop = n: xs: sublist n (length xs) xs;
  reverseList = xs: genList (n: elemAt xs (length xs - n - 1)) (length xs);
  zipListsWith =
    f: a: b:
    genList (n: f (elemAt a n) (elemAt b n)) (lib.min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  sortOn = key: builtins.sort (a: b: key a < key b);
  naturalSort = builtins.sort builtins.lessThan;
  forEach = xs: f: map f xs;
}
