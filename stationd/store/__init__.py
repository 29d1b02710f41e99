"""What must survive a restart: embedded databases, and the claim on the folder they lie in."""
