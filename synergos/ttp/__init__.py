"""The TTP: HTTP, records, jobs and rounds. It sees aggregates and weights, and never a participant's rows."""
