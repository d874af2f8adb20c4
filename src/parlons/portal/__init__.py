"""The customer's own page behind a signed link: requests, appointments, preferences, consents, and a call at his time."""
