"""The papers' tables, measured and published numbers side by side."""
