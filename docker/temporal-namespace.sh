#!/bin/sh
# Makes the namespace, and the search attributes that operators list by. Running it again changes nothing.
set -eu
export TEMPORAL_NAMESPACE=jisr

# Ten years: a closed initiative stays readable in Temporal too. The record itself is in Jisr's own database.
temporal operator namespace describe -n jisr >/dev/null 2>&1 ||
  temporal operator namespace create -n jisr --retention 3650d

# A new namespace takes some seconds to be known everywhere in the server.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if temporal operator search-attribute create \
    --name JisrStage --type Keyword --name JisrTrack --type Keyword \
    --name JisrStalled --type Bool --name JisrNextDue --type Datetime; then
    exit 0
  fi
  echo "Not yet ($attempt of 10)"
  sleep 3
done
echo "The search attributes could not be made: is Temporal healthy? Then run this service again." >&2
exit 1
