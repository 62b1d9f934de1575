"""Systems of other papers that are trained on images, one module each; ``catalogue.methods`` lists them.

One for whole images (Protocol A of paper 1, and paper 2) has ``score_images(train, test, seed, device, **options)``,
which gives scores [T]. One for defects (Protocol B) has ``localise`` with the same arguments, which gives distance maps
[T, h, w]. Higher is more anomalous. ``train``, normal images, and ``test`` are uint8 [N, 3, S, S] on the CPU. What else
a system needs comes by keyword: ``outliers`` and ``textures``, images of the same kind and size, or ``backbone``, a
pretrained network on the CPU, with ``layers``, its levels that are joined in Protocol B. ``options`` are numbers by
name.
"""
