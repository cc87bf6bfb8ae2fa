"""Who may do what: the modes of a dashboard, the people before it, and the place that decides."""
