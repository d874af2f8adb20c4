"""The kinds of steps that a contact needs. Each is one struct; `vocabulary.BUILT_IN` lists them."""
