"""What Jisr costs, measured against bare Temporal in the same run. `python -m bench --help`."""
