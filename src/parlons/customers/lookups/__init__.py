"""Customer systems (CRM): the socket, one folder for each system, and who is known here."""
