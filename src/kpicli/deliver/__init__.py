"""Finished messages to a mail server: who logs in there, and an outbox that remembers what became of each."""
