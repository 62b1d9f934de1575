"""The claims of both papers and ours: what each is, how it is tested, and what a run says of it."""
