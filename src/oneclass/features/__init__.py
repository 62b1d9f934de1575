"""From the images of an index to the features of a frozen backbone, in a store."""
