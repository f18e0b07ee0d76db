-- Their numbers are their names. One is empty, one has a hole, one is longer than a page and holds every byte.
SELECT lo_from_bytea(424201, '\x00ff00'), lo_create(424202);
SELECT lo_from_bytea(424203, (SELECT string_agg(b, '') FROM hard.bytes, generate_series(1, 40) WHERE id = 1));
SELECT lo_create(424204), lo_put(424204, 40000, 'after a hole');
CREATE TABLE hard.attachments (name text, content oid);
INSERT INTO hard.attachments VALUES ('small', 424201), ('big', 424203);
