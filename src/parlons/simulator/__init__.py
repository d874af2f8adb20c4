"""Practice customers and agents that speak over the real wires only; the demo and the tests use it."""
