"""Contacts of Salesforce, over its REST API."""
