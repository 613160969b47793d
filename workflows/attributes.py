"""The typed search attributes, as the engine's own command line takes them; quick to import."""

ATTRIBUTES = ("JisrStage=Keyword", "JisrTrack=Keyword", "JisrStalled=Bool", "JisrNextDue=Datetime")
