"""Whether stationd finds in a scenario what it should find, and nothing else."""
