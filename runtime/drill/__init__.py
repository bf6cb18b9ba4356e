"""Drills: an incident of the sample county, played through the public HTTP API and narrated in a terminal."""
