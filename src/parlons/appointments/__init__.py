"""Appointments of customers with a firm: free slots by its hours or its own look-up, booked once, moved, cancelled, settled."""
