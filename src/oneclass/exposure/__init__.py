"""Paper 2: outlier exposure with many, few and one outliers."""
