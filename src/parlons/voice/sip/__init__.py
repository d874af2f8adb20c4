"""SIP: transactions, dialogs, trunks and the registrar. Knows nothing of media, tasks or tenants."""
