"""Durable shells: they hear, decide by the domain, record, tell and wait. No rule stands here."""
