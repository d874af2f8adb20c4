"""Customer systems (CRM) both ways: records beside our customers, contacts written back, changes taken over, conflicts kept."""
