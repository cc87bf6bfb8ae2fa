"""What follows from conditionals: mixtures, likelihood, the exact joint, sampling, conditioning."""
