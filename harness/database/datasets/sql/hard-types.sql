CREATE COLLATION hard.posix (locale = 'POSIX');
CREATE COLLATION hard.ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION hard.german (provider = icu, locale = 'de-u-co-phonebk');
CREATE CONVERSION hard.latin1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;

CREATE TYPE hard.colour AS ENUM ('red', 'Grün', 'it''s "blue"', '', 'with,comma {brace}');
ALTER TYPE hard.colour ADD VALUE 'between' BEFORE 'Grün';

CREATE TYPE hard.address AS (street text, "house No." integer, town varchar(30) COLLATE hard.german);
CREATE TYPE hard.person AS (name text, homes hard.address[], favourite hard.colour);
CREATE TYPE hard.nothing AS ();

CREATE DOMAIN hard.percentage AS numeric(5, 2) DEFAULT 50 NOT NULL
    CONSTRAINT "at least 0" CHECK (VALUE >= 0) CONSTRAINT "at most 100" CHECK (VALUE <= 100);
CREATE DOMAIN hard.word AS text COLLATE "C" CHECK (VALUE ~ '^\w+$');
CREATE DOMAIN hard.grade AS varchar(2) CHECK (VALUE IN ('A', 'B', 'C'));
CREATE DOMAIN hard.evens AS integer[];
ALTER DOMAIN hard.evens ADD CONSTRAINT not_too_many CHECK (cardinality(VALUE) < 10) NOT VALID;

CREATE TYPE hard.text_range AS RANGE (subtype = text, collation = "C", multirange_type_name = hard.many_texts);
CREATE TYPE hard.float_range AS RANGE (subtype = double precision, subtype_diff = float8mi);
CREATE TYPE hard.steps;
CREATE FUNCTION hard.steps_canonical(hard.steps) RETURNS hard.steps
    LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE hard.steps AS RANGE (subtype = integer, canonical = hard.steps_canonical);

-- A base type, made of the server's own functions, with operators and an operator class.
CREATE TYPE hard.token;
CREATE FUNCTION hard.token_in(cstring) RETURNS hard.token LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION hard.token_out(hard.token) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE hard.token (INPUT = hard.token_in, OUTPUT = hard.token_out, STORAGE = extended, DEFAULT = 'none',
                        CATEGORY = 'U', DELIMITER = ';');
CREATE TYPE hard.unfinished;

CREATE FUNCTION hard.lt(hard.token, hard.token) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION hard.le(hard.token, hard.token) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION hard.eq(hard.token, hard.token) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION hard.ge(hard.token, hard.token) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION hard.gt(hard.token, hard.token) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION hard.cmp(hard.token, hard.token) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE OPERATOR hard.< (FUNCTION = hard.lt, LEFTARG = hard.token, RIGHTARG = hard.token,
                        COMMUTATOR = OPERATOR(hard.>), NEGATOR = OPERATOR(hard.>=), RESTRICT = scalarltsel);
CREATE OPERATOR hard.<= (FUNCTION = hard.le, LEFTARG = hard.token, RIGHTARG = hard.token,
                         COMMUTATOR = OPERATOR(hard.>=), NEGATOR = OPERATOR(hard.>));
CREATE OPERATOR hard.= (FUNCTION = hard.eq, LEFTARG = hard.token, RIGHTARG = hard.token,
                        COMMUTATOR = OPERATOR(hard.=), RESTRICT = eqsel, JOIN = eqjoinsel, MERGES);
CREATE OPERATOR hard.>= (FUNCTION = hard.ge, LEFTARG = hard.token, RIGHTARG = hard.token,
                         COMMUTATOR = OPERATOR(hard.<=), NEGATOR = OPERATOR(hard.<));
CREATE OPERATOR hard.> (FUNCTION = hard.gt, LEFTARG = hard.token, RIGHTARG = hard.token,
                        COMMUTATOR = OPERATOR(hard.<), NEGATOR = OPERATOR(hard.<=));
CREATE OPERATOR FAMILY hard.token_order USING btree;
CREATE OPERATOR CLASS hard.token_order DEFAULT FOR TYPE hard.token USING btree FAMILY hard.token_order AS
    OPERATOR 1 hard.<, OPERATOR 2 hard.<=, OPERATOR 3 hard.=, OPERATOR 4 hard.>=, OPERATOR 5 hard.>,
    FUNCTION 1 hard.cmp(hard.token, hard.token);
CREATE OPERATOR FAMILY hard."empty family" USING hash;
CREATE OPERATOR hard.|!| (FUNCTION = upper, RIGHTARG = text);

CREATE ACCESS METHOD another_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TRANSFORM FOR integer LANGUAGE sql
    (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));

CREATE TEXT SEARCH PARSER hard.parser
    (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE hard.template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY hard."it's" (TEMPLATE = hard.template, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION hard."Suche" (PARSER = hard.parser);
ALTER TEXT SEARCH CONFIGURATION hard."Suche" ADD MAPPING FOR asciiword, word WITH hard."it's", simple;
ALTER TEXT SEARCH CONFIGURATION hard."Suche" ADD MAPPING FOR email, url WITH simple;
