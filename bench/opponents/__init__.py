"""What Huiying is measured against, each with the settings its makers recommend for speed."""

READY = "at work"
"""What a worker prints once it works."""
