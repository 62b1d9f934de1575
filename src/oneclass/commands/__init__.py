"""The commands of ``oneclass``, one module each: ``HELP``, ``add_arguments`` and ``run``, which gives the exit status.

What a command computes with is imported in ``run``, so that the help is there at once.
"""
