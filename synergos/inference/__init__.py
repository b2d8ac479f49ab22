"""Trained models in use, on anybody's own rows: they are encoded by the very code by which a participant encodes."""
