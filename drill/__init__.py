"""The fault drill: many initiatives under faults drawn by lot, then a look at whether anything was lost or doubled."""
