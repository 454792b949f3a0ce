"""Which addresses a graph may not reach.

`ipaddress.is_global` does not answer this: it calls 224.0.0.1, NAT64 and 6to4 forms of 127.0.0.1 and others
global. So the networks are listed, after the IANA registries of special-purpose addresses, and IPv6 is
turned around: of it only global unicast (2000::/3) is left, less what is special there.
https://www.iana.org/assignments/iana-ipv4-special-registry
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DENIED_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the own machine
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; metadata services of some clouds
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # host services of a cloud
        "169.254.0.0/16",  # link-local; metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; metadata services of some clouds
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/3",  # unspecified, loopback, IPv4 inside IPv6, both NAT64 prefixes, discard
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "4000::/2",  # not assigned
        "8000::/1",  # not assigned; unique local (fc00::/7), link-local, site-local (fec0::/10), multicast
    )
)

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = 0x5EFE


def is_denied(address: str, networks: Iterable[Network]) -> bool:
    """Tell whether the address, or an IPv4 address wrapped in it, lies in one of the networks.

    What is no address, and what names a zone (`fe80::1%eth0`), is denied.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return True
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return True
    forms = (parsed, *unwrap(parsed))
    return any(form in network for network in networks for form in forms if form.version == network.version)


def is_address(host: str) -> bool:
    """Tell whether the host is written as an address, so that there is nothing to resolve."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def unwrap(address: Address) -> Iterator[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address carries inside; none for most."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    is_isatap = (int(address) >> 32) & 0xFFFF == _ISATAP
    if is_isatap or address in _COMPATIBLE or any(address in network for network in _NAT64):
        yield low
