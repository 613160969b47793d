"""Play an initiative that has not happened yet (or long ago) against the real workflow: nothing leaves the machine."""
