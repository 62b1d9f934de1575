"""The results of a run as one page that a browser opens from its folder: claims, then every figure and table."""
