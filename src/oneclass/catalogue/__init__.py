"""What can be run and shown, by name: methods, networks, pages. Read by every parse of the Snakefile.

What computes does not import these lists, but is told what it needs: a new entry re-runs nothing that was run before.
"""
