"""The mail channel: mailboxes read by IMAP or reached by SMTP, answers sent by SMTP, one conversation a thread."""
