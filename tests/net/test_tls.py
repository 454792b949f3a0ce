"""Over TLS the certificate belongs to the name, though the connection goes to the checked address."""

import asyncio
import dataclasses
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.net.cases import PUBLIC_HOST
from tests.net.servers import HttpServer, World
from weft.net import GuardedClient, NetworkError

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for public.test, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=public.test",
    ]
    names = ["-addext", "subjectAltName=DNS:public.test", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request, *names], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
async def server(certificate: tuple[Path, Path]) -> AsyncIterator[HttpServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    http = HttpServer()
    listening = await asyncio.start_server(http.serve, PUBLIC_HOST, 0, ssl=context)
    http.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield http


async def test_the_certificate_is_checked_against_the_name(
    world: World, server: HttpServer, certificate: tuple[Path, Path]
) -> None:
    policy = dataclasses.replace(world.policy, ports=frozenset({server.port}))
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    async with GuardedClient(policy, world.resolver, ssl_context=trusted) as client:
        response = await client.request("GET", f"https://public.test:{server.port}/")
        for host in ("other.test", PUBLIC_HOST):
            with pytest.raises(NetworkError) as failed:
                await client.request("GET", f"https://{host}:{server.port}/")
            assert not failed.value.sent
    async with GuardedClient(policy, world.resolver) as strict:
        with pytest.raises(NetworkError):
            await strict.request("GET", f"https://public.test:{server.port}/")

    assert response.status_code == 200
    assert server.seen[0].headers["host"] == f"public.test:{server.port}"
    assert len(server.seen) == 1
