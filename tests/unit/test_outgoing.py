"""Which addresses may be called. Only what needs no socket; the rest is an integration test."""

import pytest

from heliograph.outgoing import Outgoing, OutgoingRefused, Policy

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
PRIVATE = [
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "fd00::1"),
    *("fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "192.0.2.1"),
    *("::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1"),
]
NEVER = ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:224.0.0.1"]
LOOPBACK = ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert Policy().allows(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_only_where_the_operator_says_so(address: str) -> None:
    assert not Policy(loopback=True).allows(address)
    assert Policy(private=True).allows(address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_only_for_a_server_on_loopback(address: str) -> None:
    assert not Policy().allows(address)
    assert Policy(loopback=True).allows(address)


@pytest.mark.parametrize("address", NEVER)
def test_what_is_nobodys_address_is_never_called(address: str) -> None:
    assert not Policy(loopback=True, private=True).allows(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/x", "http://[::1]:80/", "http://localhost/x", "http://10.1.2.3:99/x"),
        *(
            "ftp://example.com/x",
            "file:///etc/passwd",
            "http:///x",
            "http://[::1",
            "http://x:99999",
        ),
        *("//example.com/x", "", "javascript:alert(1)", "http://[fe80::1%25eth0]/"),
        # The client would take them for plain digits and dots, and resolve nothing.
        *("http://１０.1.2.3/", "http://①⑥⑨.254.169.254/", "http://10。1。2。3/"),
        "http://x\\@10.1.2.3/",
        # The resolver reads more as numbers than four decimals.
        *("http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/"),
        *("http://0xA9FEA9FE/", "http://10.1/", "http://0/", "http://[::ffff:127.0.0.1]/"),
        *("http://localhost./", "http://a.localhost/", "http://LOCALHOST/"),
    ],
)
def test_a_url_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(OutgoingRefused):
        Outgoing(Policy()).check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/",
        "http://2130706433:8000/x",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost./",
    ],
)
def test_loopback_may_be_written_in_any_way(url: str) -> None:
    Outgoing(Policy(loopback=True)).check(url)


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "https://example.com:8443/x?y=z", "http://1572395042/"]
)
def test_a_name_is_decided_when_connecting(url: str) -> None:
    Outgoing(Policy()).check(url)
