"""One effect each, idempotent: write the record, deliver notices, tell another initiative."""
