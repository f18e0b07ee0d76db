-- Collations of ICU, and of glibc where the machine has the locale: rows, indexes and a partition key.
CREATE TABLE hard.sorted (icu text COLLATE "de-x-icu" PRIMARY KEY);
INSERT INTO hard.sorted VALUES ('Äpfel'), ('Zebra'), ('apfel');
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_collation WHERE collname = 'C.utf8') THEN
        ALTER TABLE hard.sorted ADD c text COLLATE "C.utf8" GENERATED ALWAYS AS (icu) STORED UNIQUE;
    END IF;
    IF EXISTS (SELECT FROM pg_collation WHERE collname = 'en_US.utf8') THEN
        ALTER TABLE hard.sorted ADD us text COLLATE "en_US.utf8" GENERATED ALWAYS AS (icu) STORED;
        CREATE INDEX ON hard.sorted (us);
        CREATE TABLE hard.split (a text COLLATE "en_US.utf8") PARTITION BY RANGE (a);
        CREATE TABLE hard.split_first PARTITION OF hard.split FOR VALUES FROM (MINVALUE) TO ('Ämter');
        CREATE TABLE hard.split_rest PARTITION OF hard.split FOR VALUES FROM ('Ämter') TO (MAXVALUE);
        INSERT INTO hard.split SELECT icu FROM hard.sorted;
    END IF;
END $$;
