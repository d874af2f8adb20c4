"""The API against its own description: generated calls, signed in, with ids that exist (`make fuzz-api`)."""
