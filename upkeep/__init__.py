"""What is done to an installation from outside its processes: tokens, verifying, repairing."""
