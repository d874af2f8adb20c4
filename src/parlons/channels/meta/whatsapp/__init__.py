"""WhatsApp: messages of a business number. Source: the reference of the business messaging cloud API."""
