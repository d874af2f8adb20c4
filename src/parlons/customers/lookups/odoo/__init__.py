"""Partners of Odoo, over its JSON-RPC."""
