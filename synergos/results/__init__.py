"""What came of trainings: to be looked at and compared, over runs, participants and classes."""
