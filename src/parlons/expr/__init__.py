"""Pure expression language: parse, check, compile, explain. Used by queues, workflow filters and targets."""
