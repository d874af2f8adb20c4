"""Pure ground for every room: ids, clock types, opening hours, pages, the errors base. Knows no domain and does no I/O."""
