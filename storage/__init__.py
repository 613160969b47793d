"""Where people, words and the record are kept: tables, files, calendars."""
