-- Collations of glibc, which a server has if its machine has the locale, and of ICU: rows, an index and a partition key.
CREATE TABLE hard.sorted (icu text COLLATE "de-x-icu" PRIMARY KEY, c text COLLATE "C.utf8" UNIQUE);
INSERT INTO hard.sorted VALUES ('Äpfel', 'Äpfel'), ('Zebra', 'Zebra'), ('apfel', 'apfel');
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_collation WHERE collname = 'en_US.utf8') THEN
        ALTER TABLE hard.sorted ADD us text COLLATE "en_US.utf8" GENERATED ALWAYS AS (icu) STORED;
        CREATE INDEX ON hard.sorted (us);
        CREATE TABLE hard.split (a text COLLATE "en_US.utf8") PARTITION BY RANGE (a);
        CREATE TABLE hard.split_first PARTITION OF hard.split FOR VALUES FROM (MINVALUE) TO ('Ämter');
        CREATE TABLE hard.split_rest PARTITION OF hard.split FOR VALUES FROM ('Ämter') TO (MAXVALUE);
        INSERT INTO hard.split SELECT icu FROM hard.sorted;
    END IF;
END $$;
