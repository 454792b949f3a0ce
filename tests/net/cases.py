"""Requests that must never reach a forbidden server, as data.

A case is (name, url). `{forbidden}` stands for the port of the forbidden server, which listens on 127.0.0.3
and counts its connections; `{public}` for the port of a server on 127.0.0.2 that plays the public internet.
Names end in `.test` and are answered by the DNS server of `servers.py`, whose zone `zone()` gives.
"""

from dataclasses import dataclass

FORBIDDEN_HOST = "127.0.0.3"
PUBLIC_HOST = "127.0.0.2"

ADDRESSES: tuple[tuple[str, str], ...] = (
    ("loopback", "127.0.0.1"),
    ("loopback_other", "127.0.0.3"),
    ("loopback_last", "127.255.255.254"),
    ("this_network", "0.0.0.0"),
    ("this_network_other", "0.1.2.3"),
    ("private_10", "10.0.0.1"),
    ("private_172", "172.16.0.1"),
    ("private_172_last", "172.31.255.254"),
    ("private_192", "192.168.1.1"),
    ("carrier_grade_nat", "100.64.0.1"),
    ("metadata_alibaba", "100.100.100.200"),
    ("metadata", "169.254.169.254"),
    ("metadata_oracle", "192.0.0.192"),
    ("metadata_azure", "168.63.129.16"),
    ("documentation", "192.0.2.1"),
    ("six_to_four_relay", "192.88.99.1"),
    ("benchmark", "198.18.0.1"),
    ("multicast", "224.0.0.1"),
    ("reserved", "240.0.0.1"),
    ("broadcast", "255.255.255.255"),
    ("v6_unspecified", "::"),
    ("v6_loopback", "::1"),
    ("v6_mapped", "::ffff:127.0.0.3"),
    ("v6_mapped_metadata", "::ffff:169.254.169.254"),
    ("v6_compatible", "::127.0.0.3"),
    ("v6_nat64", "64:ff9b::7f00:3"),
    ("v6_nat64_local", "64:ff9b:1::7f00:3"),
    ("v6_six_to_four", "2002:7f00:3::"),
    ("v6_teredo", "2001:0:7f00:3::1"),
    ("v6_documentation", "2001:db8::1"),
    ("v6_unique_local", "fd00:ec2::254"),
    ("v6_link_local", "fe80::1"),
    ("v6_site_local", "fec0::1"),
    ("v6_multicast", "ff02::1"),
)
"""34 addresses that no graph may reach."""

SPELLINGS: tuple[tuple[str, str], ...] = (
    ("decimal", "http://2130706435:{forbidden}/"),
    ("hexadecimal", "http://0x7f000003:{forbidden}/"),
    ("octal", "http://0177.0.0.3:{forbidden}/"),
    ("short", "http://127.3:{forbidden}/"),
    ("short_hexadecimal", "http://0x7f.3:{forbidden}/"),
    ("zero", "http://0:{forbidden}/"),
    ("three_parts", "http://127.0.3:{forbidden}/"),
    ("leading_zeros", "http://127.000.000.003:{forbidden}/"),
    ("trailing_dot", "http://127.0.0.3.:{forbidden}/"),
    ("ideographic_dots", "http://127。0。0。3:{forbidden}/"),
    ("full_width", "http://１２７.０.０.３:{forbidden}/"),
    ("circled", "http://①②⑦.⓪.⓪.③:{forbidden}/"),
    ("percent_encoded", "http://%31%32%37.0.0.3:{forbidden}/"),
    ("mapped_hexadecimal", "http://[::ffff:7f00:3]:{forbidden}/"),
    ("mapped_full", "http://[0:0:0:0:0:ffff:127.0.0.3]:{forbidden}/"),
    ("zone", "http://[fe80::1%25eth0]:{forbidden}/"),
    ("zone_bare", "http://[fe80::1%eth0]:{forbidden}/"),
    ("zone_loopback", "http://[::1%25lo]:{forbidden}/"),
    ("localhost", "http://localhost:{forbidden}/"),
    ("localhost_upper", "http://LOCALHOST:{forbidden}/"),
    ("userinfo", "http://public.test@127.0.0.3:{forbidden}/"),
    ("userinfo_password", "http://public.test:80@127.0.0.3:{forbidden}/"),
    ("userinfo_public", "http://127.0.0.3@public.test:{public}/"),
    ("backslash", "http://public.test:{public}\\@127.0.0.3:{forbidden}/"),
    ("tab", "http://127.0.0\t.3:{forbidden}/"),
    ("line_end", "http://127.0.0.3:{forbidden}/\r\nHost: public.test"),
    ("space", "http://public.test 127.0.0.3:{forbidden}/"),
    ("fragment_host", "http://127.0.0.3:{forbidden}#@public.test/"),
    ("no_scheme", "127.0.0.3:{forbidden}/"),
    ("no_scheme_slashes", "//127.0.0.3:{forbidden}/"),
    ("scheme_file", "file:///etc/passwd"),
    ("scheme_gopher", "gopher://127.0.0.3:{forbidden}/_x"),
    ("scheme_ftp", "ftp://127.0.0.3:{forbidden}/"),
    ("scheme_unix", "http+unix://%2Ftmp%2Fsocket/"),
    ("scheme_ws", "ws://127.0.0.3:{forbidden}/"),
    ("port_ssh", "http://public.test:22/"),
    ("port_redis", "http://public.test:6379/"),
    ("port_zero", "http://public.test:0/"),
    ("no_host", "http:///path"),
    ("no_host_port", "http://:{forbidden}/"),
)

NAMES: tuple[tuple[str, str], ...] = (
    ("mixed_answers", "http://mixed.test:{forbidden}/"),
    ("mixed_answers_last", "http://mixed-last.test:{forbidden}/"),
    ("public_v4_private_v6", "http://dual.test:{forbidden}/"),
    ("alias_to_internal", "http://alias.test:{forbidden}/"),
    ("alias_chain", "http://alias2.test:{forbidden}/"),
    ("no_time_to_live", "http://ttl0.test:{forbidden}/"),
    ("upper_case_name", "http://ALIAS.TEST:{forbidden}/"),
    ("trailing_dot_name", "http://alias.test.:{forbidden}/"),
)

REDIRECTS: tuple[tuple[str, str], ...] = (
    *(
        (f"redirect_{status}_{kind}", f"http://public.test:{{public}}/redirect/{status}?to={target}")
        for status in (301, 302, 303, 307, 308)
        for kind, target in (
            ("to_address", "http%3A%2F%2F127.0.0.3%3A{forbidden}%2F"),
            ("to_name", "http%3A%2F%2Falias.test%3A{forbidden}%2F"),
        )
    ),
    ("redirect_to_file", "http://public.test:{public}/redirect/302?to=file%3A%2F%2F%2Fetc%2Fpasswd"),
    (
        "redirect_to_gopher",
        "http://public.test:{public}/redirect/302?to=gopher%3A%2F%2F127.0.0.3%3A{forbidden}%2F",
    ),
    ("redirect_to_port", "http://public.test:{public}/redirect/302?to=http%3A%2F%2Fpublic.test%3A6379%2F"),
    (
        "redirect_to_userinfo",
        "http://public.test:{public}/redirect/302?to=http%3A%2F%2Fa%40127.0.0.3%3A{forbidden}",
    ),
    (
        "redirect_without_scheme",
        "http://public.test:{public}/redirect/302?to=%2F%2F127.0.0.3%3A{forbidden}%2F",
    ),
    (
        "redirect_to_decimal",
        "http://public.test:{public}/redirect/302?to=http%3A%2F%2F2130706435%3A{forbidden}%2F",
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A request that must be refused without a connection to the forbidden server."""

    name: str
    url: str


def literal_url(address: str) -> str:
    """Return a URL with the address itself as host."""
    return f"http://[{address}]:{{forbidden}}/" if ":" in address else f"http://{address}:{{forbidden}}/"


def cases(*, public: int, forbidden: int) -> list[Case]:
    """Return all cases with the ports filled in."""
    listed = [(f"literal_{name}", literal_url(address)) for name, address in ADDRESSES]
    listed += [(f"dns_{name}", f"http://{host_name(name)}:{{forbidden}}/") for name, _ in ADDRESSES]
    listed += [*SPELLINGS, *NAMES, *REDIRECTS]
    ports = {"{public}": str(public), "{forbidden}": str(forbidden)}
    result = []
    for name, url in listed:
        filled = url
        for word, port in ports.items():
            filled = filled.replace(word, port)
        result.append(Case(name, filled))
    return result


def host_name(name: str) -> str:
    """Return the DNS name that has the address called `name`."""
    return f"{name.replace('_', '-')}.test"


def zone() -> dict[str, list[str]]:
    """Return what the DNS server answers: addresses, or `CNAME other`, by name."""
    return {host_name(name): [address] for name, address in ADDRESSES} | {
        "public.test": [PUBLIC_HOST],
        "other.test": [PUBLIC_HOST],
        "forbidden.test": [FORBIDDEN_HOST],
        "mixed.test": [FORBIDDEN_HOST, PUBLIC_HOST],
        "mixed-last.test": [PUBLIC_HOST, FORBIDDEN_HOST],
        "dual.test": [PUBLIC_HOST, "::1"],
        "alias.test": ["CNAME forbidden.test"],
        "alias2.test": ["CNAME alias.test"],
        "ttl0.test": [FORBIDDEN_HOST],
    }
