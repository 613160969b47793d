#!/bin/sh
# Brings Temporal's two databases to the schema of this image's release; also at an upgrade.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_password)  # read by the tool; on its command line others would see it
export SQL_PASSWORD

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  folder=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned  # without `versioned` it does nothing, and says ok
  tool() { temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db "$database" "$@"; }
  tool setup-schema -v 0.0  # leaves a later schema alone
  tool update-schema -d "$folder"
done
