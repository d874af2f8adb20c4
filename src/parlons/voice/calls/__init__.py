"""What a call is to the product: its rows, who is rung, what happens to it, recordings. Runs in the web process."""
