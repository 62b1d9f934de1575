"""What a run costs: its jobs, what each computes, and how long that takes and how much memory and disk it needs.

Light on purpose: the Snakefile asks it for the resources of every rule.
"""
