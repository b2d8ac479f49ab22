"""Key pairs and certificates."""

import ssl
from pathlib import Path

import pytest

from synergos.errors import InvalidArgument

keys = pytest.importorskip("synergos.machines.keys", reason="needs the extra sandbox")


def test_a_private_key_is_its_owners_alone_and_the_public_one_belongs_to_it(tmp_path: Path) -> None:
    public = keys.make_key(tmp_path / "biscoe.key")

    assert (tmp_path / "biscoe.key").stat().st_mode & 0o777 == 0o600
    assert keys.public_of(tmp_path / "biscoe.key") == public
    assert (tmp_path / "biscoe.key.pub").read_text().strip() == public
    assert "PRIVATE" not in public


def test_flower_knows_a_node_by_the_same_bytes(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key
    from flwr.supercore.primitives.asymmetric import public_key_to_bytes

    public = keys.make_key(tmp_path / "key")

    assert keys.as_flower_has_it(public) == public_key_to_bytes(load_ssh_public_key(public.encode()))


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    first = keys.make_key(tmp_path / "key")

    with pytest.raises(FileExistsError, match="another identity"):
        keys.make_key(tmp_path / "key")
    assert keys.public_of(tmp_path / "key") == first


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    keys.make_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)

    with pytest.raises(InvalidArgument, match="chmod 600"):
        keys.public_of(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"-----BEGIN NOTHING-----\n", bytes(range(256))])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    keys.write_secret(tmp_path / "key", content)

    with pytest.raises(InvalidArgument, match="is no key of a participant"):
        keys.public_of(tmp_path / "key")


def test_a_certificate_is_known_by_its_ca_for_its_hosts(tmp_path: Path) -> None:
    keys.make_certificate(tmp_path, ["127.0.0.1", "grid.example"])

    assert (tmp_path / "ttp.key").stat().st_mode & 0o777 == 0o600
    assert _shakes_hands(tmp_path, "grid.example") == _shakes_hands(tmp_path, "127.0.0.1") == "known"
    assert "grid.elsewhere" in _shakes_hands(tmp_path, "grid.elsewhere")


def _shakes_hands(folder: Path, name: str) -> str:
    """Whether a client that trusts the CA believes the certificate to be of a host; why not."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / "ttp.crt", folder / "ttp.key")
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.load_verify_locations(folder / "ca.crt")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up, server_hostname=name)
    server = server_context.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return str(error)
    return "known"
