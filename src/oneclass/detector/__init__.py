"""A detector for the user: fitted on normal pictures, kept as one folder, run without PyTorch's or timm's code."""
