CREATE SCHEMA flights;

CREATE TABLE flights.airlines (
    carrier char(2) NOT NULL,
    name varchar(40) NOT NULL
);

CREATE TABLE flights.airports (
    faa char(3) NOT NULL,
    name text NOT NULL,
    latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    altitude integer NOT NULL,
    utc_offset numeric(4, 2) NOT NULL,
    dst varchar(1) NOT NULL CHECK (dst IN ('A', 'U', 'N')),
    time_zone text
);

CREATE TABLE flights.planes (
    tailnum varchar(6) NOT NULL,
    year smallint,
    type text NOT NULL,
    manufacturer text NOT NULL,
    model text NOT NULL,
    engines smallint NOT NULL,
    seats smallint NOT NULL,
    speed smallint,
    engine text NOT NULL
);

CREATE TABLE flights.weather (
    origin char(3) NOT NULL,
    year smallint NOT NULL,
    month smallint NOT NULL,
    day smallint NOT NULL,
    hour smallint NOT NULL,
    temperature double precision,
    dew_point double precision,
    humidity double precision,
    wind_direction smallint,
    wind_speed double precision,
    wind_gust double precision,
    precipitation real,
    pressure numeric(6, 1),
    visibility real,
    time_hour timestamptz NOT NULL
);

CREATE TABLE flights.flights (
    year smallint NOT NULL,
    month smallint NOT NULL,
    day smallint NOT NULL,
    departure smallint,
    scheduled_departure smallint NOT NULL,
    departure_delay smallint,
    arrival smallint,
    scheduled_arrival smallint NOT NULL,
    arrival_delay smallint,
    carrier char(2) NOT NULL,
    flight integer NOT NULL,
    tailnum varchar(6),
    origin char(3) NOT NULL,
    destination char(3) NOT NULL,
    air_time smallint,
    distance smallint NOT NULL,
    hour smallint NOT NULL,
    minute smallint NOT NULL,
    time_hour timestamptz NOT NULL
);
