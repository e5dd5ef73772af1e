-- Makes the database of Foliocast, with a schema and a role for each service: sudo -u postgres psql -f database.sql
-- The roles have the names of the system's users under which the services run, so that PostgreSQL knows them by its
-- method peer, without passwords. Each owns its schema and may do nothing else.
\set ON_ERROR_STOP on
CREATE DATABASE foliocast;
\connect foliocast
REVOKE ALL ON DATABASE foliocast FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE ROLE foliocast_authsvc LOGIN;
CREATE ROLE foliocast_queue LOGIN;
CREATE ROLE foliocast_frontend LOGIN;
GRANT CONNECT ON DATABASE foliocast TO foliocast_authsvc, foliocast_queue, foliocast_frontend;
CREATE SCHEMA authsvc AUTHORIZATION foliocast_authsvc;
CREATE SCHEMA queue AUTHORIZATION foliocast_queue;
CREATE SCHEMA frontend AUTHORIZATION foliocast_frontend;
