"""Speech and language services behind Protocols, one adapter folder each; the product works with none of them."""
