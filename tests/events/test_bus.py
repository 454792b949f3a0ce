"""What every bus promises; two ends are two processes, but for the one in memory."""

from uuid import UUID, uuid4

import pytest

from tests.events.conftest import Open
from weft.events.bundle import LARGEST_BYTES, Outbox, decode
from weft.events.bus import WORK, EventBus, Subscription, Topic

LONG_S = 20


async def heard(told: Subscription, publisher: EventBus, topic: Topic, seq: int = 0) -> bool:
    """Publish until it is heard: a signal may be lost, in particular before the other end listens."""
    for number in range(seq, seq + 200):
        publisher.publish(topic, number)
        if await told.wait(0.1):
            return True
    return False


async def connected(told: Subscription, publisher: EventBus, topic: Topic) -> None:
    """Return once the listener hears the publisher, and nothing is on its way to it; beginning to listen is a signal as well."""
    assert await heard(told, publisher, topic)
    assert await heard(told, publisher, topic)
    while await told.wait(0.05):
        pass


@pytest.mark.parametrize("topic", [WORK, UUID(int=7)])
async def test_what_one_end_publishes_the_other_hears(open_end: Open, topic: Topic) -> None:
    one, other = await open_end(), await open_end()

    async with one.subscribe(WORK), other.subscribe(topic) as told:
        await connected(told, one, topic)
        one.publish(topic, 1000)

        assert await told.wait(LONG_S, beyond=999)


async def test_a_listener_hears_its_own_process_at_once_and_without_a_wire(open_end: Open) -> None:
    bus, topic = await open_end(), uuid4()

    async with bus.subscribe(topic) as told:
        bus.publish(topic, 5)

        assert told._told.is_set()
        assert await told.wait(LONG_S)


async def test_who_asks_for_others_alone_does_not_hear_its_own_process(open_end: Open) -> None:
    bus, process = await open_end(), await open_end()

    async with bus.subscribe(WORK, own=False) as others, bus.subscribe(WORK) as told:
        if bus is not process:
            await connected(others, process, WORK)
        bus.publish(WORK)

        assert await told.wait(LONG_S)
        assert not others._told.is_set()


async def test_nobody_hears_of_what_he_did_not_ask_for(open_end: Open) -> None:
    one, other = await open_end(), await open_end()
    mine, yours = uuid4(), uuid4()

    async with one.subscribe(WORK), other.subscribe(mine) as told, other.subscribe(yours) as told_of_yours:
        await connected(told, one, mine)
        await connected(told_of_yours, one, yours)
        one.publish(yours, 1000)

        assert await told_of_yours.wait(LONG_S, beyond=999)
        assert not told._told.is_set()


async def test_numbers_that_are_known_already_wake_nobody(open_end: Open) -> None:
    bus, topic = await open_end(), uuid4()

    async with bus.subscribe(topic) as told:
        await heard(told, bus, topic)
        while await told.wait(0.05):
            pass
        bus.publish(topic, 5)
        assert not await told.wait(0.01, beyond=5)
        bus.publish(topic, 6)
        assert await told.wait(LONG_S, beyond=5)


async def test_many_signals_before_a_look_are_one(open_end: Open) -> None:
    bus, topic = await open_end(), uuid4()

    async with bus.subscribe(topic) as told:
        for seq in range(1000):
            bus.publish(topic, seq)

        assert await told.wait(LONG_S, beyond=998)
        assert not told._told.is_set()


async def test_a_bus_knows_whether_anybody_anywhere_follows_an_execution(open_end: Open) -> None:
    one, other = await open_end(), await open_end()
    topic = uuid4()
    known = [one.followed]

    async with one.subscribe(WORK), other.subscribe(topic) as told:
        await connected(told, one, topic)
        known += [one.followed, other.followed]
    known.append(other.followed)

    assert known == [False, True, True, False]


async def test_that_somebody_should_look_is_told_also_by_who_knows_of_no_listener(open_end: Open) -> None:
    one, other = await open_end(), await open_end()
    topic = uuid4()

    async with other.subscribe(topic) as told:
        await connected(told, other, topic)
        while not await told.wait(0.1):
            one.publish(topic)


async def test_a_listener_goes_through_its_signals_one_by_one(open_end: Open) -> None:
    bus, topic = await open_end(), uuid4()
    count = 0

    async with bus.subscribe(topic) as told:
        bus.publish(topic, 1)
        async for _ in told:
            count += 1
            if count == 3:
                break
            bus.publish(topic, count + 1)

    assert count == 3


# The texts that travel.


def test_signals_of_many_executions_come_out_of_a_few_texts_as_they_went_in() -> None:
    outbox = Outbox("me")
    changed = {uuid4(): number for number in range(1000)}
    followed = {uuid4() for _ in range(50)}
    for id, seq in changed.items():
        outbox.put(id, seq + 1)
        outbox.put(id, seq)
    for id in followed:
        outbox.follow(id)
    outbox.put(WORK, 0)

    texts = outbox.take()
    bundles = [bundle for text in texts if (bundle := decode(text)) is not None]

    assert len(texts) < 10
    assert all(len(text.encode()) <= LARGEST_BYTES for text in texts)
    assert {id: seq for bundle in bundles for id, seq in bundle.changed.items()} == {
        id: seq + 1 for id, seq in changed.items()
    }
    assert {id for bundle in bundles for id in bundle.followed} == followed
    assert [bundle.work for bundle in bundles].count(True) == 1
    assert {bundle.sender for bundle in bundles} == {"me"}
    assert not outbox
    assert outbox.take() == []


def test_an_outbox_that_nobody_empties_stays_small_and_says_look() -> None:
    outbox = Outbox("me")
    for _ in range(50_000):
        outbox.put(uuid4(), 1)

    texts = outbox.take()

    assert sum(map(len, texts)) < 300_000
    assert any(bundle.look for text in texts if (bundle := decode(text)) is not None)


@pytest.mark.parametrize("text", ["me nonsense", "me :5", "me ?12", "me 0f:x", "me " + "0" * 32 + ":1:2", "me \x00"])
def test_a_text_that_is_none_of_ours_says_nothing(text: str) -> None:
    assert decode(text) is None
