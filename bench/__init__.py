"""What Huiying costs, as ratios against the same shape without it, measured in one run."""
