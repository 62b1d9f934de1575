"""From pictures on disk to an index, and from an index to the images and tasks of an experiment."""
