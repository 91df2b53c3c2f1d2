"""Learning to extract: features of candidates, their scorer, supplier memory, and the probability of being right."""
