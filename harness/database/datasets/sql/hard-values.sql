CREATE TABLE hard.texts (id integer PRIMARY KEY, t text);
INSERT INTO hard.texts VALUES
    (1, ''), (2, NULL), (3, 'NULL'), (4, '\N'), (5, E'\\.'), (6, E'tab\there'), (7, E'line\nbreak'), (8, E'cr\rlf\r\n'),
    (9, E'ends with a backslash\\'), (10, ' spaces '), (11, E'\x01\x02\x07\b\f\x1b\x7f'), (12, '"quoted", ''twice'''),
    (13, 'a,b;c|d'), (14, '{1,2}'), (15, '(a,"b")'), (16, '$$ $_$ :variable :''variable'' %s %'),
    (17, '🐘👩‍👩‍👧'), (18, 'é'), (19, U&'e\0301'), (20, U&'\+10FFFF'), (21, U&'\FEFFbom'), (22, 'שלום مرحبا'),
    (23, E'\n'), (24, E'\\'), (25, '-- no comment'), (26, '/* nor this */'), (27, repeat('lang ', 4000)),
    (28, E'\n\\.\n'), (29, U&'\200B\00A0\2028');

CREATE TABLE hard.bytes (id integer PRIMARY KEY, b bytea);
INSERT INTO hard.bytes
SELECT 1, string_agg(decode(lpad(to_hex(i), 2, '0'), 'hex'), '' ORDER BY i) FROM generate_series(0, 255) i;
INSERT INTO hard.bytes VALUES (2, ''), (3, NULL), (4, '\x00'), (5, '\x000000'), (6, '\x5c2e0a'), (7, '\x0d0a');

-- Too big for a page and not to be compressed: stored out of line, in pieces.
CREATE TABLE hard.big (id integer PRIMARY KEY, t text, b bytea);
ALTER TABLE hard.big ALTER t SET STORAGE EXTERNAL;
INSERT INTO hard.big SELECT 1, string_agg(md5(i::text), ''), NULL FROM generate_series(1, 6250) i;
INSERT INTO hard.big SELECT 2, repeat('a', 10000), string_agg(sha256(i::text::bytea), '') FROM generate_series(1, 640) i;

CREATE TABLE hard.scalars (
    id integer PRIMARY KEY, small smallint, wide bigint, exact numeric, scaled numeric(10, -2), single real,
    double double precision, cash money, fixed char(5), short varchar(3), letter "char", identifier name, yes boolean,
    day date, moment timestamp, instant timestamptz, rough timestamptz(0), clock time, zoned timetz, span interval,
    years interval year to month, bits bit(4), more_bits bit varying, host inet, network cidr, mac macaddr, mac8 macaddr8,
    key uuid, document json, binary_document jsonb, path jsonpath, markup xml, words tsvector, query tsquery,
    position pg_lsn, number oid, relation regclass, type regtype, setting regconfig, transaction xid8);
INSERT INTO hard.scalars VALUES
    (1, -32768, -9223372036854775808, 'NaN', 1234567, '-Infinity', 'NaN', '-92233720368547758.08', 'a', '', 'x', 'n', true,
     'infinity', '4713-01-01 00:00:00 BC', '-infinity', '1999-12-31 23:59:59.6+00', '24:00:00', '00:00:00.000001+15:59:59',
     '-1 year +2 months -3 days 4:05:06.000007', '178000000 years', '0101', '', '::1', '10.0.0.0/8', '08:00:2b:01:02:03',
     '08:00:2b:01:02:03:04:05', '00000000-0000-0000-0000-000000000000', '{"b": 1, "a" :2, "a":3}', '{"b": 1, "a": 2, "a": 3}',
     '$.a[*] ? (@ > 1)', '<a x="1">&lt;ü<!-- c --></a>', '''it''''s'':3A fat:2B,4C rat:5', '!fat & (rat:AB | cat:*)',
     'FFFFFFFF/FFFFFFFF', 4294967295, 'hard.employees', 'hard.colour[]', 'hard."Suche"', '18446744073709551615'),
    (2, 32767, 9223372036854775807, '-Infinity', NULL, 1e-37, 2.2250738585072014e-308, '0.01', '     ', 'ß🐘x', '', '', false,
     '4713-01-01 BC', '294276-12-31 23:59:59.999999', '0001-01-01 BC', '2000-01-01', '00:00', '23:59:59.999999-15:59:59',
     '00:00', '-1 month', '1111', '1', '192.168.0.1/24', '::/0', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff:ff:ff',
     'ffffffff-ffff-ffff-ffff-ffffffffffff', '  [1 , 2]', '[1.10, 1e5, null, "\u0001"]', 'strict $', 'text only', '', '',
     '0/0', 0, NULL, 'integer', 'simple', '0'),
    (3, 0, 0, 0.1000, 99, '-0', '-0', '0', 'ab', 'abc', 'z', 'x"y', NULL, '2000-01-01',
     'epoch', 'epoch', 'epoch', '12:34:56.789', '12:00Z', '1 day', '1 year', '0000', '101010', '::ffff:1.2.3.4/96',
     '::ffff:1.2.3.0/120', 'ff:ff:ff:ff:ff:ff', '00:00:00:ff:fe:00:00:00', '12345678-9abc-def0-1234-56789abcdef0',
     '"\ud83d\ude00"', 'null', '$', '<?xml version="1.0"?><r/>', 'a b c', NULL, '0/1', 1, 'pg_class', 'text', 'english', '1'),
    (4, 1, 1, 12345678901234567890.12345678901234567890, -50, 0.1, 0.1, '1', '', '', '', '', true, '2000-02-29', 'infinity',
     'infinity', NULL, '23:59:60', '24:00Z', '1.5 seconds', '0', '1000', '0', '0.0.0.0/0', '1.2.3.4', NULL, NULL, NULL, 'true',
     '{}', '$[0 to last]', '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO hard.scalars (id) VALUES (5);

CREATE TABLE hard.compounds (
    id integer PRIMARY KEY, numbers integer[], grid integer[][], texts text[], days daterange, prices numrange,
    instants tstzmultirange, steps hard.steps, word_range hard.text_range, colour hard.colour, colours hard.colour[],
    home hard.address, person hard.person, people hard.person[], token hard.token, pairs hstore,
    insensitive "odd ""Schema"". ünï\n".citext, spot point, line line, segment lseg, area box, way path, shape polygon,
    disc circle, evens hard.evens, nothing hard.nothing, department hard.departments);
INSERT INTO hard.compounds VALUES
    (1, '[-2:0]={1,NULL,3}', '{{1,2},{3,4}}', '{NULL,"NULL","",a b,"\"\\",🐘}', '[2000-01-01,2000-02-01]', '(,)',
     '{[2000-01-01 00:00+00,2001-01-01 00:00+00),[infinity,)}', '(1,5]', '[a,"b,c")', 'it''s "blue"', '{"",red,"with,comma {brace}"}',
     '("Main ""St"" ,",1,)', '("O''Brien","{""(a,1,)"",""(,,)""}",red)', '{"(,,)"}', 'tok''en',
     '"a"=>"1", "b\"x"=>NULL, ""=>""', 'CaSe', '(1e-300,-0)', '{1,-1,0}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]',
     '((0,0),(1,1),(1,0))', '<(0,0),1>', '{2,4}', '()', '(100,sales,1)'),
    (2, '{}', '[0:0][5:5]={{9}}', '{}', 'empty', '[1.0,1.00]', '{}', 'empty', '(,)', '', '{}', NULL, '(,,)', '{}', '', '', '',
     '(NaN,Infinity)', '{0,1,-0.5}', '[(0,0),(0,0)]', '(0,0),(0,0)', '((0,0),(1,1))', '((0,0))', '<(1,2),0>', '{}', NULL, NULL);
INSERT INTO hard.compounds (id) VALUES (3);

CREATE TABLE hard.duplicates (a integer, b text);
INSERT INTO hard.duplicates SELECT i % 3, NULLIF(i % 2, 0)::text FROM generate_series(1, 30) i;
