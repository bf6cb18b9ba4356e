"""The process of an incident, durable."""
