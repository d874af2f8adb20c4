"""Shell of routing: owns a workspace's router. Commands in, journal out; timers, presence; defines ContactHandler."""
