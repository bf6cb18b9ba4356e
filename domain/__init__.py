"""The rules of public-opinion incidents, pure: no I/O, no clock, no framework."""
