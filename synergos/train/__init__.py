"""Phase 2: what is trained. Alignments, models and optimizations."""
