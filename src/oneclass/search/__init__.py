"""The best and the worst single outlier (paper 2, Section 5.4): an evolutionary and a random search, by test AUROC."""
