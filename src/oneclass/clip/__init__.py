"""Paper 2, Section 3.3: an image is compared with texts by a contrastive image-text model, as it is or fine-tuned."""
