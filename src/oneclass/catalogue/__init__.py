"""What can be run and shown, by name: methods, networks, pages. Read by every parse of the Snakefile.

What trains and scores does not import these lists, but is told what it needs: a new entry re-runs none of it. Pages do,
for labels, order and colours, and are made again.
"""
