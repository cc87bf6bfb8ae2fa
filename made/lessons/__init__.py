"""Learn in data: lessons with steps that tick themselves off, and the small networks they open."""
