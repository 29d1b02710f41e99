"""NTRIP as text: requests, answers, bodies, logins and sourcetables, without I/O."""
