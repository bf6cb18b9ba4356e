"""Adapters against servers that speak the platforms' protocols, faults included."""
