"""Every side effect of the process."""
