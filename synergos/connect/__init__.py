"""Phase 1: what there is. Projects and their experiments and runs; participants, their registrations and tags."""
