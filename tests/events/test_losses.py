"""What becomes of a bus whose server goes away, answers no more, or forgets everything: time is lost, and nothing else."""

import asyncio
from contextlib import AsyncExitStack
from hashlib import sha256
from uuid import uuid4

import asyncpg
import pytest

from tests.events.conftest import Open
from tests.events.test_bus import LONG_S, connected, heard
from tests.events.valkey import Valkey
from weft.cache.connection import RedisConnection
from weft.db.connector import Connector
from weft.errors import ConfigurationError, DatabaseUnreachable
from weft.events.bundle import LARGEST_BYTES
from weft.events.bus import WORK
from weft.events.postgres import postgres_bus
from weft.events.remote import RemoteBus

CHANNEL = f"weft_{sha256(b'public').hexdigest()[:16]}"
OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


async def test_after_the_loss_of_its_connection_a_listener_is_told_to_look_and_hears_again(
    open_postgres: Open, url: str
) -> None:
    one, other = await open_postgres(), await open_postgres()
    administrator = await Connector.to(url).connect()

    async with one.subscribe(WORK), other.subscribe(WORK, own=False) as told:
        await connected(told, one, WORK)
        ended = await administrator.fetchval(f"SELECT count(pg_terminate_backend(pid)) {OTHERS}")

        assert ended == 2
        assert await told.wait(LONG_S)
        await connected(told, one, WORK)
    await administrator.close()


async def test_what_is_published_while_the_connection_is_lost_is_told_when_it_is_back(
    url: str, stack: AsyncExitStack
) -> None:
    administrator = await Connector.to(url).connect()
    is_cut = False

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        if is_cut:
            raise DatabaseUnreachable("it is cut")
        return await Connector.to(url).connect()

    one = await stack.enter_async_context(postgres_bus(connect, schema="public"))
    async with one.subscribe(WORK):
        other = await stack.enter_async_context(postgres_bus(Connector.to(url).connect, schema="public"))
        async with other.subscribe(WORK, own=False) as told:
            await connected(told, one, WORK)
            is_cut = True
            pid = await administrator.fetchval(f"SELECT min(pid) {OTHERS}")
            assert await administrator.fetchval("SELECT pg_terminate_backend($1)", pid)
            one.publish(WORK)
            is_cut = False

            assert await told.wait(LONG_S)
    await administrator.close()


async def test_twenty_thousand_signals_are_a_few_notifications(open_postgres: Open, url: str) -> None:
    bus, follower = await open_postgres(), await open_postgres()
    texts: list[str] = []
    listener = await Connector.to(url).connect()
    topics = [uuid4() for _ in range(1000)]

    async with AsyncExitStack() as followed:
        await followed.enter_async_context(bus.subscribe(WORK))
        told = [await followed.enter_async_context(follower.subscribe(topic)) for topic in topics]
        await connected(told[0], bus, topics[0])
        await listener.add_listener(CHANNEL, lambda *arguments: texts.append(str(arguments[3])))
        for seq in range(20):
            for topic in topics:
                bus.publish(topic, 1000 + seq)
            await asyncio.sleep(0)
        for one in told:
            assert await one.wait(LONG_S, beyond=1018)

    assert len(texts) <= 20
    assert all(len(text.encode()) <= LARGEST_BYTES for text in texts)
    await listener.close()


async def test_signals_that_keep_coming_are_at_most_one_notification_in_ten_milliseconds(open_postgres: Open) -> None:
    bus, other = await open_postgres(), await open_postgres()
    assert isinstance(bus, RemoteBus)
    clock = asyncio.get_running_loop().time

    async with other.subscribe(WORK, own=False) as told, bus.subscribe(WORK):
        await connected(told, bus, WORK)
        began, before = clock(), bus.sent
        for _ in range(300):
            bus.publish(WORK)
            await asyncio.sleep(0.001)

        assert bus.sent - before <= (clock() - began) / 0.01 + 1


async def test_nothing_is_sent_of_executions_that_nobody_follows(open_postgres: Open, url: str) -> None:
    bus, other = await open_postgres(), await open_postgres()
    texts: list[str] = []
    listener = await Connector.to(url).connect()
    await listener.add_listener(CHANNEL, lambda *arguments: texts.append(str(arguments[3])))

    async with bus.subscribe(WORK), other.subscribe(WORK) as told:
        await connected(told, bus, WORK)
        texts.clear()
        for seq in range(1000):
            bus.publish(uuid4(), seq)
        bus.publish(WORK)
        assert await told.wait(LONG_S)
        async with asyncio.timeout(LONG_S):
            while not texts:
                await asyncio.sleep(0.01)

    assert {text.split(" ", 1)[1] for text in texts} == {"work"}
    await listener.close()


async def test_installations_in_other_schemas_hear_nothing(url: str, stack: AsyncExitStack) -> None:
    ours, theirs = (
        postgres_bus(Connector.to(url).connect, schema="a"),
        postgres_bus(Connector.to(url).connect, schema="b"),
    )
    end = postgres_bus(Connector.to(url).connect, schema="a")
    for bus in (ours, theirs, end):
        await stack.enter_async_context(bus)

    async with ours.subscribe(WORK) as told, theirs.subscribe(WORK) as told_of_theirs, end.subscribe(WORK):
        assert await told_of_theirs.wait(LONG_S)  # it listens now
        await connected(told, end, WORK)

        assert not told_of_theirs._told.is_set()


async def test_a_process_that_publishes_and_ends_at_once_is_heard(url: str, open_postgres: Open) -> None:
    other = await open_postgres()

    async with other.subscribe(WORK, own=False) as told:
        async with postgres_bus(Connector.to(url).connect, schema="public") as first:
            await connected(told, first, WORK)
        async with postgres_bus(Connector.to(url).connect, schema="public") as short:
            short.publish(WORK)

        assert await told.wait(LONG_S)


async def test_a_bus_without_its_server_is_left_without_a_failure() -> None:
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        raise DatabaseUnreachable("there is none")

    async with postgres_bus(connect, schema="public") as bus, bus.subscribe(WORK) as told:
        for _ in range(1000):
            bus.publish(WORK)

        assert await told.wait(0.01)


# Redis.


@pytest.mark.parametrize("what", ["kill", "freeze", "flush"])
async def test_what_happens_to_redis_costs_time_and_nothing_else(open_redis: Open, valkey: Valkey, what: str) -> None:
    one, other = await open_redis(), await open_redis()
    topic = uuid4()

    async with one.subscribe(WORK), other.subscribe(topic) as told:
        await connected(told, one, topic)
        match what:
            case "kill":
                valkey.kill()
            case "freeze":
                valkey.freeze()
            case "flush":
                await valkey.flush()
        for number in range(10_000):
            one.publish(topic, number)
            one.publish(uuid4())
        if what == "kill":
            valkey.start()
        if what == "freeze":
            valkey.thaw()

        await valkey.listeners(2)
        assert await told.wait(LONG_S)
        assert await heard(told, one, topic, 20_000)


async def test_a_bus_can_be_opened_and_left_while_redis_is_away(open_redis: Open, valkey: Valkey) -> None:
    valkey.kill()
    bus = await open_redis()

    async with bus.subscribe(WORK) as told:
        bus.publish(WORK)

        assert await told.wait(LONG_S)


async def test_redis_that_comes_later_is_found(open_redis: Open, valkey: Valkey) -> None:
    valkey.kill()
    one, other = await open_redis(), await open_redis()

    async with one.subscribe(WORK), other.subscribe(WORK, own=False) as told:
        one.publish(WORK)
        valkey.start()

        await connected(told, one, WORK)


@pytest.mark.parametrize("url", ["redis://h:port/0", "redis://:hunter2@h/0?db=x", "http://h"])
def test_an_address_that_cannot_be_read_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WEFT_REDIS_URL") as caught:
        RedisConnection(url)

    assert "hunter2" not in str(caught.value)


async def test_whether_redis_answers_is_known_at_once(valkey: Valkey) -> None:
    async with RedisConnection(valkey.url) as redis:
        assert await redis.answers()
        valkey.kill()
        assert not await redis.answers()
        valkey.start()
        assert await redis.answers()
