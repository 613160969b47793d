#!/bin/sh
# Makes the stack's passwords, once. What is there already is never written again.
# The folder is closed to others; its files are readable, because each container has another user.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in postgres_password temporal_password jisr_password; do
  [ -s "$name" ] || password > "$name"
done
[ -s jisr_database_url ] || printf 'postgresql+psycopg://jisr:%s@postgres/jisr' "$(cat jisr_password)" > jisr_database_url
chmod 644 ./*  # whatever the umask
