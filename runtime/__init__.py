"""What the running program stands on: settings, clock, logging, Temporal, embedded stack."""
