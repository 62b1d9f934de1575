"""A finished detector on labelled pictures: what it finds, what it misses, and what it flags wrongly."""
