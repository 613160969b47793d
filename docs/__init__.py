"""The pages of Jisr, and what writes those of them that are made from the source."""
