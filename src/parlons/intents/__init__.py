"""What people mean in their own words: intents by phrases, matched by meaning and words, learnt from what was not understood."""
