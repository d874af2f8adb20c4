"""Every screen of Parlons in one list: `make screens` photographs them, the sweep runs axe over them."""
