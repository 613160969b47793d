"""Every verb of every door and what it needs. A verb that does not stand here is refused; a test walks them all."""

from domain.access import Need, Permission

P = Permission
FREE = Need(P.ANYONE)


def _one(to: Permission, **instead: Permission) -> Need:
    """A verb about the initiative it names as `id`."""
    return Need(to, "id", instead)


# --- the command line, as it is typed after `jisr` ----------------------------------------------------------------
COMMANDS: dict[str, Need] = {
    # on this machine: these work before anybody can be asked who they are, or without any data
    "up": FREE,
    "migrate": FREE,
    "restore": FREE,
    "doctor": FREE,
    "demo": FREE,
    "rehearse": FREE,
    "milestones": FREE,
    "calendars show": FREE,
    "calendars check": FREE,
    "audit role": FREE,
    "sign-in": FREE,
    "sign-out": FREE,
    "whoami": FREE,
    "answer": FREE,  # the link itself says who speaks
    # initiatives
    "open": Need(P.OPEN),
    "import-history": Need(P.OPEN),
    "report": _one(P.REPORT),
    "list": Need(P.LIST, narrows=True),
    "show": _one(P.SHOW),
    "agenda": Need(P.SHOW, "what"),
    "timeline": _one(P.TIMELINE),
    "words set": _one(P.WORDS),
    "words remove": _one(P.WORDS),
    "words show": _one(P.SHOW),
    "calendars announce": Need(P.CALENDARS),
    "messages list": Need(P.MESSAGES, "initiative"),
    "messages settle": Need(P.MESSAGES),
    "bounces read": Need(P.MESSAGES),
    # people: the roster belongs to the house, whoever is limited to some initiatives does not see it
    "people import": Need(P.PEOPLE_WRITE),
    "people imports": Need(P.PEOPLE_READ),
    "people add": Need(P.PEOPLE_WRITE),
    "people show": Need(P.PEOPLE_READ),
    "people list": Need(P.PEOPLE_READ),
    "people capacity": Need(P.PEOPLE_WRITE),
    "people digests": Need(P.PEOPLE_WRITE),
    "people stop": Need(P.PEOPLE_WRITE),
    "people deceased": Need(P.PEOPLE_WRITE),
    "people again": Need(P.PEOPLE_WRITE),
    "people withdrew": Need(P.PEOPLE_WRITE),
    "people unreachable": Need(P.PEOPLE_WRITE),
    "people reachable": Need(P.PEOPLE_WRITE),
    "people erase": Need(P.PEOPLE_ERASE),
    "people hold": Need(P.PEOPLE_ERASE),
    "institutions add": Need(P.PEOPLE_WRITE),
    "institutions show": Need(P.PEOPLE_READ),
    "institutions list": Need(P.PEOPLE_READ),
    # the record
    "audit verify": _one(P.VERIFY, file=P.ANYONE),
    "audit key": Need(P.VERIFY, narrows=True),
    "audit checkpoint": Need(P.CHECKPOINT),
    "audit reads": _one(P.READS),
    "audit export": _one(P.EXPORT_FULL, redacted=P.EXPORT_REDACTED, donor=P.EXPORT_DONOR),
    "audit rebuild": _one(P.ARCHIVE),
    "audit archive": _one(P.ARCHIVE),
    # keys, copies, accounts
    "keys show": Need(P.KEYS),
    "keys rotate": Need(P.KEYS),
    "keys drop": Need(P.KEYS),
    "backup": Need(P.BACKUP),
    "codec-server": Need(P.DECODE),
    "accounts add": Need(P.ACCOUNTS),
    "accounts list": Need(P.ACCOUNTS),
    "accounts role": Need(P.ACCOUNTS),
    "accounts password": Need(P.ACCOUNTS),
    "accounts close": Need(P.ACCOUNTS),
    "accounts log": Need(P.ACCOUNTS),
    "tokens issue": Need(P.TOKENS, narrows=True),  # a token reaches no further than who issues it
    "tokens list": Need(P.TOKENS, narrows=True),
    "tokens revoke": Need(P.TOKENS, narrows=True),
}

# --- the Python client: `initiative` is the argument that names one --------------------------------------------------
_ABOUT = "initiative"
CLIENT: dict[str, Need] = {
    "connect": FREE,
    "answer_page": FREE,  # the link itself says who speaks
    "answer": FREE,
    "open": Need(P.OPEN),
    "open_prepared": Need(P.OPEN),
    "open_past": Need(P.OPEN),
    "report": Need(P.REPORT, _ABOUT),
    "report_many": Need(P.REPORT, _ABOUT),
    "show": Need(P.SHOW, _ABOUT),
    "state": Need(P.SHOW, _ABOUT),
    "head": Need(P.VERIFY, _ABOUT),
    "recorded": Need(P.VERIFY, _ABOUT),
    "histories": Need(P.ARCHIVE, "id"),
    "roster_change": Need(P.PEOPLE_WRITE),
    "calendars_changed": Need(P.CALENDARS),
}

# --- HTTP: method and path -------------------------------------------------------------------------------------------
HTTP: dict[str, Need] = {
    "OPTIONS /TOKEN/decode": FREE,  # says only which page may ask
    "POST /TOKEN/decode": Need(P.DECODE),  # whoever started `jisr codec-server` gave the address away
}
