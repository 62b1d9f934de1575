"""Feature maps of several levels: where they come from, their algebra, and the anomaly maps that come of them."""
