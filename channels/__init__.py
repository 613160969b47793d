"""How a message reaches a person: a folder, email, chat; and in which words."""
