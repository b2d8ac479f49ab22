"""Phase 3: what it is worth. Validations and predictions."""
