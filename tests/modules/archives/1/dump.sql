--
-- PostgreSQL database dump
--

\restrict 4hAdeQndol8jq8D8jDq98FcgByGEMDbHjdBsEZdymDqHpoTmmyY3cOa9hCov7dt

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: Own schema; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA "Own schema";


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: It's "quoted"; Type: TABLE; Schema: Own schema; Owner: -
--

CREATE TABLE "Own schema"."It's ""quoted""" (
    at timestamp with time zone,
    amount numeric,
    raw bytea
);


--
-- Name: nothing; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nothing (
    a integer
);


--
-- Name: t; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.t (
    id integer NOT NULL,
    b text
);


--
-- Data for Name: It's "quoted"; Type: TABLE DATA; Schema: Own schema; Owner: -
--

COPY "Own schema"."It's ""quoted""" (at, amount, raw) FROM stdin;
2026-03-29 00:30:00+00	0.10	\\x00ff
infinity	NaN	\\x
\.


--
-- Data for Name: nothing; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.nothing (a) FROM stdin;
\.


--
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.t (id, b) FROM stdin;
1	Zürich — 東京
2	tab\t, line\nend, back\\slash
3	
4	\N
5	\\.
\.


--
-- Name: t t_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict 4hAdeQndol8jq8D8jDq98FcgByGEMDbHjdBsEZdymDqHpoTmmyY3cOa9hCov7dt

