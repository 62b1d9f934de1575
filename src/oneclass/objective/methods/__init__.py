"""The methods of paper 1 and what they are compared with, one module each; ``catalogue.methods`` lists them.

A trained method has ``on_vectors(classes, job)``, ``on_maps(categories, job)`` or both, and adds what it finds to
``job.result``. A comparator has ``score_vectors(train, test)``, ``score_maps(train, test, seed)`` or both: see
``objective.comparators``.
"""
