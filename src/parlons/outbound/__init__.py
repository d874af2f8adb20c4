"""Writing to many: one text to the customers of a segment or of a list, at a pace, with consent and quiet hours."""
