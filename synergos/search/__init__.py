"""A search for hyperparameters: what it searches, and what is known of its trials."""
