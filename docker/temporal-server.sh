#!/bin/sh
# The server takes its password from the environment only: hand it the secret, then start as the image does.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
