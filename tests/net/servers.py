"""A DNS server and small HTTP servers on loopback, and the guarded client that calls 127.0.0.2 public."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import parse_qs, urlsplit

from dnslib import AAAA, CNAME, QTYPE, RR, A, DNSRecord

from tests.net.cases import FORBIDDEN_HOST, PUBLIC_HOST, zone
from weft.net import DENIED_NETWORKS, EgressPolicy

TEST_NETWORKS = (
    *(network for network in DENIED_NETWORKS if network != ip_network("127.0.0.0/8")),
    *ip_network("127.0.0.0/8").address_exclude(ip_network(f"{PUBLIC_HOST}/32")),  # type: ignore[arg-type]
)
"""The real list, except that 127.0.0.2 counts as public."""


class DnsServer(asyncio.DatagramProtocol):
    """Answers A and AAAA from a table; `rebind` makes a name answer differently each time."""

    def __init__(self) -> None:
        self.records = zone()
        self.rebind: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = DNSRecord.parse(data)
        name, kind = str(query.q.qname).rstrip(".").lower(), QTYPE[query.q.qtype]
        reply = query.reply()
        if kind == "A":
            self.asked.append(name)
        turns = self.rebind.get(name)
        answers = self.records.get(name, [])
        if turns:
            answers = turns.pop(0) if kind == "AAAA" and len(turns) > 1 else turns[0]
        for at, answer in self._chain(name, answers):
            if answer.startswith("CNAME "):
                reply.add_answer(RR(at, QTYPE.CNAME, rdata=CNAME(answer[6:]), ttl=0))
            elif (":" in answer) == (kind == "AAAA"):
                record = AAAA(tuple(ip_address(answer).packed)) if ":" in answer else A(answer)
                reply.add_answer(RR(at, getattr(QTYPE, kind), rdata=record, ttl=0))
        self.transport.sendto(reply.pack(), addr)

    def _chain(self, name: str, answers: Sequence[str]) -> list[tuple[str, str]]:
        chain = []
        for answer in answers:
            chain.append((name, answer))
            if answer.startswith("CNAME "):
                target = answer.removeprefix("CNAME ")
                chain += self._chain(target, self.records[target])
        return chain


class DnsResolver:
    """A resolver that asks a DNS server by UDP."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str) -> Sequence[str]:
        addresses: list[str] = []
        for kind in ("A", "AAAA"):
            reply = DNSRecord.parse(await self._ask(DNSRecord.question(host, kind).pack()))
            addresses += [str(record.rdata) for record in reply.rr if QTYPE[record.rtype] == kind]
        return addresses

    async def _ask(self, query: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect(("127.0.0.1", self._port))
            await loop.sock_sendall(asking, query)
            return await loop.sock_recv(asking, 4096)


@dataclass
class Seen:
    """One request that a server received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpServer:
    """Counts connections, remembers requests, and answers by path."""

    connections: int = 0
    seen: list[Seen] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (request := await self._read(reader)) is not None:
                self.seen.append(request)
                if not await self._answer(request, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Seen | None:
        first = await reader.readline()
        if not first:
            return None
        method, target, _ = first.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while line := (await reader.readline()).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Seen(method, target, headers, body)

    async def _answer(self, request: Seen, writer: asyncio.StreamWriter) -> bool:
        """Answer; False if the connection is not to be used again."""
        parts = urlsplit(request.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.split("/")[1:]:
            case ["redirect", status]:
                write(writer, int(status), {"Location": query["to"]}, b"moved")
            case ["loop"]:
                write(writer, 302, {"Location": "/loop"})
            case ["hops", left]:
                more = int(left) > 0
                write(
                    writer,
                    302 if more else 200,
                    {"Location": f"/hops/{int(left) - 1}"} if more else {},
                    b"end",
                )
            case ["cookie"]:
                write(writer, 200, {"Set-Cookie": "session=of-another-user; Path=/"})
            case ["large", size]:
                write(writer, 200, {}, b"x" * int(size))
            case ["endless"]:
                return await drip(writer, b"x" * 65536, pause=None)
            case ["hangup"]:
                return False
            case ["drip"]:
                return await drip(writer, b"x", pause=0.02)
            case ["headers", size]:
                write(writer, 200, {f"X-{at}": "y" * 1000 for at in range(int(size) // 1000)})
            case ["gzip", size]:
                write(writer, 200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * int(size)))
            case ["deflate", size]:
                write(writer, 200, {"Content-Encoding": "deflate"}, zlib.compress(b"0" * int(size)))
            case ["twice"]:
                bomb = gzip.compress(gzip.compress(b"0" * 50_000_000))
                write(writer, 200, {"Content-Encoding": "gzip, gzip"}, bomb)
            case ["encoding", name]:
                write(writer, 200, {"Content-Encoding": name}, b"abc")
            case ["cut"]:
                write(writer, 200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello")[:-6])
            case ["status", status]:
                write(writer, int(status), {}, b"{}")
            case _:
                write(writer, 200, {"Content-Type": "application/json"}, b'{"ok": true}')
        await writer.drain()
        return True


def write(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes = b"") -> None:
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Length: {len(body)}",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


async def drip(writer: asyncio.StreamWriter, piece: bytes, *, pause: float | None) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(piece)
        await writer.drain()
        if pause is not None:
            await asyncio.sleep(pause)


@dataclass
class World:
    """DNS, a public server, a forbidden one, and what the client needs to know of them."""

    dns: DnsServer
    resolver: DnsResolver
    public: HttpServer
    forbidden: HttpServer
    policy: EgressPolicy

    def url(self, path: str = "/", host: str = "public.test") -> str:
        return f"http://{host}:{self.public.port}{path}"


@asynccontextmanager
async def open_world() -> AsyncIterator[World]:
    """Start the servers on free ports; everything ends with the block."""
    loop = asyncio.get_running_loop()
    transport, dns = await loop.create_datagram_endpoint(DnsServer, local_addr=("127.0.0.1", 0))
    public, forbidden = HttpServer(), HttpServer()
    sockets = [
        await asyncio.start_server(public.serve, PUBLIC_HOST, 0),
        await asyncio.start_server(forbidden.serve, FORBIDDEN_HOST, 0),
    ]
    public.port, forbidden.port = (server.sockets[0].getsockname()[1] for server in sockets)
    policy = EgressPolicy(denied=TEST_NETWORKS, ports=frozenset({80, 443, public.port, forbidden.port}))
    try:
        yield World(dns, DnsResolver(transport.get_extra_info("sockname")[1]), public, forbidden, policy)
    finally:
        transport.close()
        for server in sockets:
            server.close()
            await server.wait_closed()
