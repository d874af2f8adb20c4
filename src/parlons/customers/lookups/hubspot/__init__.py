"""Contacts of HubSpot, over its CRM objects API."""
