"""Pure router: workers, queues, tasks, workflows, reservations and their clocks as one deterministic step function."""
