"""The machine around the daemon: its log, its clock, its service manager, its event loop."""
