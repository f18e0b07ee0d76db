ALTER TABLE flights.airlines ADD PRIMARY KEY (carrier);
ALTER TABLE flights.airports ADD PRIMARY KEY (faa);
ALTER TABLE flights.planes ADD PRIMARY KEY (tailnum);
ALTER TABLE flights.weather ADD PRIMARY KEY (origin, time_hour);
ALTER TABLE flights.flights ADD PRIMARY KEY (time_hour, carrier, flight, origin);

ALTER TABLE flights.weather ADD FOREIGN KEY (origin) REFERENCES flights.airports;
ALTER TABLE flights.flights ADD FOREIGN KEY (carrier) REFERENCES flights.airlines;
ALTER TABLE flights.flights ADD FOREIGN KEY (origin) REFERENCES flights.airports;
-- Some planes and four Caribbean airports are not in the data: these hold for new rows alone.
ALTER TABLE flights.flights ADD FOREIGN KEY (tailnum) REFERENCES flights.planes NOT VALID;
ALTER TABLE flights.flights ADD FOREIGN KEY (destination) REFERENCES flights.airports NOT VALID;

CREATE INDEX ON flights.flights (tailnum);
CREATE INDEX ON flights.flights (destination, time_hour DESC);
CREATE INDEX late ON flights.flights (arrival_delay) WHERE arrival_delay > 60;
CREATE INDEX ON flights.airports (lower(name));

CREATE VIEW flights.punctuality AS
SELECT a.name, count(*) AS flights, avg(f.arrival_delay)::numeric(6, 2) AS mean_delay
FROM flights.flights f JOIN flights.airlines a USING (carrier)
WHERE f.arrival IS NOT NULL
GROUP BY a.name;

COMMENT ON SCHEMA flights IS 'Flights out of New York in 2013';
COMMENT ON COLUMN flights.flights.departure IS 'Local time, as hours * 100 + minutes';
