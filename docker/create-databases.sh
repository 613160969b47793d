#!/bin/sh
# Run by the postgres image on its first start, over the server's local socket.
set -eu
for name in temporal jisr; do
  psql -v ON_ERROR_STOP=1 -U postgres -v name="$name" -v password="$(cat /run/secrets/${name}_password)" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
psql -v ON_ERROR_STOP=1 -U postgres -c 'CREATE DATABASE temporal_visibility OWNER temporal'
