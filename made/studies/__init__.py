"""Many runs that differ on purpose: their figures, results and published numbers."""
