"""Scoring pictures with a finished detector: which pictures, what is written about each, and the run that does it."""
