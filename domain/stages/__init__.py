"""One module per stage, always in this order: rules, requirements, agenda, milestones. The table is in lifecycle."""
