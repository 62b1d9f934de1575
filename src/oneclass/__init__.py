"""One-class and outlier-exposure anomaly detection on images."""
