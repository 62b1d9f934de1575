"""Transfer learning: ImageNet networks whose last blocks are fine-tuned on normal images, beside kNN on frozen ones."""
