"""One module a figure: each draws from tidy data and returns the figure with the table behind it."""
