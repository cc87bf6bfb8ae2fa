"""A person's own data: read with care, and kept under the hash of their content."""
