#!/bin/sh
# Runs once, in the new database of the container of PostgreSQL: a role and a schema for each
# service, which may do nothing else. The passwords are those in the addresses of the services.
set -eu
for service in authsvc queue frontend; do
    address=$(cat "/run/secrets/${service}_database")
    password=${address#*://*:}
    psql -v ON_ERROR_STOP=1 -q -U postgres -d foliocast -v role="foliocast_$service" -v schema="$service" -v password="${password%%@*}" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE foliocast TO :"role";
CREATE SCHEMA :"schema" AUTHORIZATION :"role";
SQL
done
psql -v ON_ERROR_STOP=1 -q -U postgres -d foliocast -c 'REVOKE ALL ON DATABASE foliocast FROM PUBLIC' -c 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
