"""Paper 1: what is learnt on pooled features (Protocol A) and, with ``localisation``, on feature maps (B and C)."""
