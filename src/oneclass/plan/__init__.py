"""Which jobs a configuration asks for: the files that each reads and writes, and what it needs to know.

Light on purpose: the Snakefile makes a plan on every parse.
"""
