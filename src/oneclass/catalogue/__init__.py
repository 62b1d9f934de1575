"""What can be run and shown, by name: methods, networks, pages. Standard library only: every parse of the Snakefile reads it.

What computes does not import these lists, but is told what it needs: a new entry re-runs nothing that was run before.
"""
