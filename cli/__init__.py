"""The command line `jisr`, one file per noun. What is slow to import is imported by the command that needs it."""
