"""The Driver in a shell: commands built over the tasks and their signatures."""
