"""How somebody is reached after an import: the addresses of a row, and the wish that stands beside them."""

import re
from typing import Literal

from storage.people_cells import Ways
from storage.roster_input import RosterChannel, RosterPerson


def same_address(address: str) -> str:
    if "@" in address:
        return address.casefold()
    digits = re.sub(r"\D", "", address)
    return re.sub("^(00)?(964|0)", "", digits)  # one number with and without Iraq's prefix


def channels_with(
    old: RosterPerson | None, ways: Ways | None, notes: list[str], errors: list[str]
) -> list[RosterChannel]:
    """Return the channels with what a row says: its e-mails in place of the known ones, its phones likewise."""
    known = list(old.channels) if old else []
    if ways is None:
        return known
    wish = ways.wish
    given: tuple[str, ...]
    kind: Literal["email", "phone"]
    for kind, given in (("email", ways.emails), ("phone", ways.phones)):
        mine = [one for one in known if one.kind == kind]
        if not given or {same_address(one.address) for one in mine} == {same_address(one) for one in given}:
            continue
        silent = any(one.never_write for one in mine)
        if silent and (wish is None or wish.partner is None):
            notes.append(f"the known {kind} is never written to, so the new one is not either")
        place = min((one.preference for one in mine), default=len({one.kind for one in known}))
        kept = [one for one in known if one.kind != kind]
        made = [
            RosterChannel.model_construct(kind=kind, address=one, preference=place, never_write=silent, via=None)
            for one in given
        ]
        known = [*kept, *made]
    if wish is None:
        return known
    if wish.partner is not None:
        phone = next((one.address for one in known if one.kind == "phone"), "")
        asked = RosterChannel.model_construct(
            kind="via_partner", address=phone, preference=0, never_write=False, via=wish.partner
        )
        return [asked, *(_as(one, 1, never=True) for one in known if one.kind != "via_partner")]
    if wish.never_write and not any(one.kind in ("phone", "via_partner") for one in known):
        errors.append("contact: nobody could reach them; give a phone, or the partner who speaks to them.")
    if wish.never_write:
        return [_as(one, int(one.kind != "phone"), never=one.kind not in ("phone", "via_partner")) for one in known]
    if not any(one.kind == wish.first for one in known):
        errors.append(f"contact: there is no {wish.first} to reach them by; give one.")
    return [_as(one, int(one.kind != wish.first), never=one.never_write) for one in known]


def _as(channel: RosterChannel, preference: int, never: bool) -> RosterChannel:
    return channel.but(preference=preference, never_write=never)
