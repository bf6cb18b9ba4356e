"""What is measured, a section each."""
