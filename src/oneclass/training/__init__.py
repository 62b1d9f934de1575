"""What everything that is trained here shares: trials, seeds, batches, inputs, optimisers, workers and outcomes."""
