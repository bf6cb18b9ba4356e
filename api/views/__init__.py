"""What the API answers: models built from the domain's state, without a rule of their own."""
