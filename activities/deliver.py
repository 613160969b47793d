"""Deliver what waits for one initiative: each message is claimed, sent, and settled, and the next one begun.

At most once: a message found claimed by an attempt that died is written again only where that does no harm (the
outbox); elsewhere it is settled as `unknown`, for a person to decide. "Now" is the order's, never the machine's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.links import LinkWriter
from activities.messages import DELIVER, Order, Receipt
from activities.routes import TASK, Route, by_way_of, gone, routes_of, words_in_force, written
from channels.invitation import METHODS
from channels.message import SILENT, Channel, NotNow, message_id
from channels.message import Delivery as Sent
from channels.rate import Limit
from domain.digest import in_reading_order, together
from domain.outgoing import Delivery, Notice, Way
from domain.own_words import Chosen
from storage import notices, roster, roster_news, sendings
from storage.database import Database
from storage.roster import KnownPerson

HEARTBEAT_SECONDS = 10  # well below the minute after which the engine takes us for dead
PAUSE = timedelta(seconds=30)  # other channels of the same initiative do not wait longer for one that is at its limit

log = structlog.get_logger("jisr.deliver")


class DeliverActivities:
    """Idempotent by (initiative, obligation, rung, recipient); looks everybody up afresh, message by message.

    Errors: a channel that is away makes Temporal try again; what was settled meanwhile is not sent again.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        worker_name: str,
        links: LinkWriter | None = None,
        together: bool = True,
        limits: Mapping[str, Sequence[Limit]] | None = None,
    ) -> None:
        self._together = together
        self._limits = limits or {}
        self._links = links
        self._database = database
        self._channels = channels
        self._worker = worker_name

    @activity.defn(name=DELIVER)
    async def deliver(self, order: Order) -> list[Receipt]:
        async with _heartbeats():
            receipts = await self._of_earlier_attempts(order)
            round_ = _Round(self._database, order)
            try:
                for left in await self._left_behind(order):
                    receipts += await self._settled(round_, left, again=True)
                while (waiting := await self._next(order, round_)) is not None:
                    receipts += await self._settled(round_, waiting)
            finally:
                await round_.end()
        if round_.put_off:
            count, why = len(round_.put_off), round_.why
            raise ApplicationError(
                f"{count} message(s) of {order.initiative} still wait. {why}",
                type="NotNow",
                next_retry_delay=round_.pause,
            )
        return receipts

    # --- what there is to do -----------------------------------------------------------------------------------
    async def _of_earlier_attempts(self, order: Order) -> list[Receipt]:
        """Return what was settled for this very order by an attempt whose answer was lost."""
        if activity.info().attempt == 1:
            return []
        every = await asyncio.to_thread(notices.of_initiative, self._database, order.initiative)
        return [_receipt(one) for one in every if one.settled_at == order.now]

    async def _left_behind(self, order: Order) -> list[list[Delivery]]:
        """Return what was claimed before we began: an initiative has one delivery at a time, so its worker died.

        What was to go as one message is still one.
        """
        older = order.now + timedelta(microseconds=1)
        found = await asyncio.to_thread(notices.stale_claims, self._database, order.initiative, older)
        groups: dict[str, list[Delivery]] = {}
        for one in found:
            groups.setdefault(one.message_id or one.id, []).append(one)
        return list(groups.values())

    async def _next(self, order: Order, round_: "_Round") -> list[Delivery] | None:
        """Claim one message: whoever dies now leaves one doubt, not five hundred."""
        if activity.is_worker_shutdown():
            raise ApplicationError("This worker is being stopped; another one goes on.", type="NotNow")
        if self._together:
            await round_.crowd()  # counted before anything is claimed: two that wait are a crowd
        first = await asyncio.to_thread(self._claimed, order, round_)
        return await self._with_others(order, round_, first) if first else None

    def _claimed(self, order: Order, round_: "_Round") -> Delivery | None:
        """Write down what was settled, claim the next one and look its reader up: one walk to the database."""
        found = notices.claim(self._database, order.initiative, self._worker, order.now, 1, round_.settled)
        round_.settled = []
        if not found:
            return None
        recipient = found[0].notice.recipient
        round_.reader = (recipient, roster_news.reader(self._database, order.initiative, recipient))
        return found[0]

    async def _with_others(self, order: Order, round_: "_Round", first: Delivery) -> list[Delivery]:
        """Claim what goes in one message with the first one; nothing that a way has failed for before."""
        crowd = await round_.crowd() if self._together else ()
        known = round_.reader[1][0] if round_.reader[1] else None
        alone = known is not None and known.each_by_itself
        if first.ways or alone or first.notice.recipient not in crowd:
            return [first]
        waiting = await asyncio.to_thread(notices.waiting_for, self._database, order.initiative, first.notice.recipient)
        fresh = [one.notice for one in waiting if not one.ways]
        others = [one.id() for one in together(first.notice, fresh, METHODS)[1:]]
        if not others:
            return [first]
        return await asyncio.to_thread(notices.join, self._database, first, others, self._worker, order.now)

    # --- one message -------------------------------------------------------------------------------------------
    async def _settled(self, round_: "_Round", group: list[Delivery], again: bool = False) -> list[Receipt]:
        """Send one message, of one notice or of several, by the first way that takes it; nothing, if it has to wait.

        A way that fails is noted before the next one is tried, so that nobody is written to by it again.
        """
        first = group[0]
        known, why_not = await self._reader(first.notice, round_)
        if why_not is not None:
            silence = Sent(status="suppressed", channel="", code=why_not)
            return [round_.settle(one, silence, "") for one in group]
        ways, failed = await self._ways(first, known, round_), first.failed
        for number, route in enumerate(ways):
            if (route.told or route.channel, route.number) in failed:
                continue
            if route.told == TASK and len(group) > 1:  # somebody passes them on one by one
                each = [await self._settled(round_, [one], again) for one in group]
                return [receipt for receipts in each for receipt in receipts]
            if route.code:
                group = [_tried(one, route, route.code) for one in group]
                continue
            sent = await self._sent(round_, group, route, again)
            if sent is None:
                return []
            id = message_of(group)
            if sent.status != "rejected" or number == len(ways) - 1:
                return [round_.settle(one, sent, id, route.number) for one in group]
            group, again = [_tried(one, route, sent.code, id) for one in group], False
            for one in group:
                await asyncio.to_thread(notices.tried, self._database, one.id, one.ways)
        raise AssertionError("the last way is always tried")

    async def _reader(self, notice: Notice, round_: "_Round") -> tuple[KnownPerson | None, str | None]:
        """Return whom a message goes to, as looked up with its claim or now; each is used once."""
        (of, found), round_.reader = round_.reader, ("", None)
        if of == notice.recipient and found is not None:
            return found
        return await asyncio.to_thread(roster_news.reader, self._database, notice.initiative, notice.recipient)

    async def _ways(self, claimed: Delivery, known: KnownPerson | None, round_: "_Round") -> list[Route]:
        """Return the ways of the person, then those of whoever is to pass the message on."""
        found: list[Route] = []
        for route in routes_of(claimed.notice.recipient, known, self._channels):
            if route.told == TASK:
                found += by_way_of(await self._manager(claimed.notice, round_), route, self._channels)
            else:
                found.append(route)
        return found

    async def _sent(self, round_: "_Round", group: list[Delivery], route: Route, again: bool) -> Sent | None:
        """Return what became of the message by this way; None, if it has to wait."""
        channel, about = self._channels[route.channel], in_reading_order(one.notice for one in group)
        if again and not channel.repeatable:
            return Sent(status="unknown", channel=route.told or channel.name, code="interrupted")
        if channel.name in round_.away:
            round_.wait(group)
            return None
        contact = route.contact
        if contact.kind == "email" and route.told != TASK:
            contact = contact.but(answers_to=_address(await self._manager(about[0], round_)))
        message = written(about, route, await round_.words(), group[0].ways)
        if self._links is not None and route.told != TASK:
            message = await asyncio.to_thread(self._links, about, message)
        try:
            await self._in_turn(channel.name, round_)
            sent = await channel.send(contact, message)
        except NotNow as why:
            round_.wait(group, str(why))
            if why.whole:
                round_.hold(channel.name)
            return None
        if sent.code == SILENT:  # one doubt is enough: the others wait until it answers again
            round_.hold(channel.name)
        return sent.but(channel=route.told or sent.channel)

    async def _in_turn(self, channel: str, round_: "_Round") -> None:
        """Return when the channel may send one more message. Raises: NotNow, where that takes longer than a moment."""
        if not (limits := self._limits.get(channel)):
            return
        while free := await asyncio.to_thread(sendings.take, self._database, channel, limits, round_.clock()):
            wait = free - round_.clock()
            if wait > round_.patience:
                round_.pause = min(wait, PAUSE)
                raise NotNow(f"The channel {channel} has sent what its limit allows; what waits goes by itself.")
            round_.patience -= wait
            await asyncio.sleep(max(wait.total_seconds(), 0.001))

    async def _known(self, person: str) -> KnownPerson | None:
        return await asyncio.to_thread(roster.person, self._database, person)

    async def _manager(self, notice: Notice, round_: "_Round") -> KnownPerson | None:
        """Return the initiative's manager, whom answers and tasks go to; None for a message to the manager."""
        manager = notice.about.get("manager", notice.recipient)
        if manager == notice.recipient:
            return None
        if manager not in round_.managers:
            round_.managers[manager] = await self._known(manager)
        return round_.managers[manager]


class _Round:
    """What one attempt has settled and put off; in the end it gives back what it could not send."""

    def __init__(self, database: Database, order: Order) -> None:
        self._database = database
        self._order = order
        self.put_off: list[Delivery] = []
        self.away: set[str] = set()  # channels that nothing can be sent through now
        self.managers: dict[str, KnownPerson | None] = {}  # whom answers go to, looked up once a round
        self.settled: list[notices.Outcome] = []  # written down together with the next claim
        self.reader: tuple[str, tuple[KnownPerson | None, str | None] | None] = ("", None)  # whom the last claim is for
        self.why = ""
        self.patience = timedelta(seconds=HEARTBEAT_SECONDS)  # what all waiting for a limit may take in one round
        self.pause: timedelta | None = None  # after which it is worth while to begin again
        self._began = time.monotonic()
        self._words: Chosen | None = None
        self._crowd: frozenset[str] | None = None

    async def words(self) -> Chosen:
        """Return the manager's own words as they are in force now, looked up once a round."""
        if self._words is None:
            self._words = await asyncio.to_thread(words_in_force, self._database, self._order.initiative)
        return self._words

    def clock(self) -> datetime:
        """Return the moment by the engine's clock, which all workers share. A limit is about real time."""
        return activity.info().started_time + timedelta(seconds=time.monotonic() - self._began)

    async def crowd(self) -> frozenset[str]:
        """Return for whom more than one message waited when this round began."""
        if self._crowd is None:
            self._crowd = await asyncio.to_thread(notices.crowded, self._database, self._order.initiative)
        return self._crowd

    def wait(self, group: list[Delivery], why: str = "") -> None:
        self.put_off += group
        self.why = self.why or why

    def hold(self, channel: str) -> None:
        self.away.add(channel)
        self.why = self.why or f"The channel {channel} fell silent."

    def settle(self, claimed: Delivery, sent: Sent, id: str, way: int = 0) -> Receipt:
        """Note what became of a message, to be written down before anything else is sent."""
        notice = claimed.notice
        now, ways = self._order.now, claimed.ways or None
        what = notices.Outcome(claimed.id, sent.status, now, sent.channel or None, id or None, sent.code, ways, way)
        self.settled.append(what)
        log.info(
            "notice settled",
            initiative=notice.initiative,
            obligation=notice.obligation,
            rung=notice.rung,
            recipient=notice.recipient,
            channel=sent.channel,
            status=sent.status,
            code=sent.code,
            tried=[way.told for way in claimed.ways],
        )
        done = {"status": sent.status, "channel": sent.channel or None, "message_id": id or None, "detail": sent.code}
        return _receipt(claimed.but(**done))

    async def end(self) -> None:
        """Write down what is not yet, and let what surely was not sent wait again."""
        waiting = [notices.Outcome(one.id, "waiting", self._order.now) for one in self.put_off]
        if outcomes := [*self.settled, *waiting]:
            await asyncio.to_thread(notices.settle_all, self._database, outcomes)


def _receipt(settled: Delivery) -> Receipt:
    notice = settled.notice
    return Receipt(
        obligation=notice.obligation,
        rung=notice.rung,
        recipient=notice.recipient,
        channel=settled.channel or "",
        status=settled.status,
        message=settled.message_id or "",
        code=settled.detail or None if settled.status != "sent" else None,
        tried=tuple(way.told for way in settled.ways) or None,
    )


def message_of(group: list[Delivery]) -> str:
    """Return the id under which a message goes out next."""
    return message_id(*(one.notice for one in group), way=gone(group[0].ways))


def _tried(claimed: Delivery, route: Route, code: str, message: str = "") -> Delivery:
    """Return the message with one more way that failed; said again at a later attempt, it stands there once."""
    way = Way(channel=route.told or route.channel, number=route.number, code=code, message=message)
    return claimed if not message and way in claimed.ways else claimed.but(ways=(*claimed.ways, way))


def _address(manager: KnownPerson | None) -> str:
    """Return where answers go: the manager's own address; empty when there is none or nobody to write to."""
    if manager is None or manager.silence is not None:
        return ""
    return next((way.address for way in manager.channels if way.kind == "email" and not way.never_write), "")


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Say that we are alive for as long as the block runs."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)  # most rounds have ended by then and cost the engine no call
            activity.heartbeat()

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
