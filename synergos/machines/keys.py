"""Who is who: the key pairs of participants, and certificates by which a TTP is known.

A participant shows who it is by signing with its private key (ECDSA P-384, as Flower's SuperNodes do), and the TTP has
the public one. The private key never leaves the participant's machine.
"""

import contextlib
import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from cryptography.x509.oid import NameOID

from synergos.errors import InvalidArgument

_YEAR = timedelta(days=365)


def make_key(path: Path) -> str:
    """Make a participant's key pair.

    Args:
        path: Where to write the private key, for its owner's eyes alone. The public one is written beside it, with the
            ending ``.pub``.

    Returns:
        The public key, as the TTP's file of participants takes it.

    Raises:
        FileExistsError: There is one already; nothing was changed.
    """
    public = path.with_name(f"{path.name}.pub")
    for one in (path, public):
        if one.exists():
            raise FileExistsError(f"{one} is there already: a new key is another identity. Name another file.")
    key = ec.generate_private_key(ec.SECP384R1())
    text = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    write_secret(path, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public.write_text(f"{text}\n", encoding="ascii")
    return text


def public_of(path: Path) -> str:
    """The public key of a private one.

    Raises:
        InvalidArgument: It cannot be read, is no such key, or others may read it.
    """
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise InvalidArgument(
            f"key: {path} cannot be read: {error.strerror}. Make one: synergos participant keygen."
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise InvalidArgument(f"key: others may read {path}. Make it yours alone: chmod 600 {path}")
    try:
        key = load_ssh_private_key(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InvalidArgument(f"key: {path} is no key of a participant. Make one: synergos participant keygen.")
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def as_flower_has_it(public: str) -> bytes:
    """Turn a public key into the bytes by which Flower knows a node.

    Args:
        public: The public key as a line of text, ``ecdsa-sha2-nistp384 AAAA...``.

    Raises:
        ValueError: It is no public key of this kind.
    """
    try:
        key = load_ssh_public_key(public.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ValueError("it is no ECDSA key on the curve P-384")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def has_signed(key: bytes, text: bytes, signature: bytes) -> bool:
    """Whether a text was signed by the holder of a key, as Flower's SuperNodes do.

    Args:
        key: The public key, as Flower has it.
        text: What was signed.
        signature: The signature.
    """
    try:
        public = load_pem_public_key(key)
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(signature, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def make_certificate(folder: Path, hosts: Sequence[str]) -> None:
    """Make a CA of one's own and a certificate by it.

    Writes ``ca.crt``, which participants are given, and ``ttp.crt`` with ``ttp.key``. The CA's own key is not kept, so
    nobody can make another certificate by it.

    Args:
        folder: The folder to write to; made if need be.
        hosts: The names and addresses at which the TTP is reached.

    Raises:
        FileExistsError: There is one already; nothing was changed.
    """
    for name in ("ca.crt", "ttp.crt", "ttp.key"):
        if (folder / name).exists():
            raise FileExistsError(f"{folder / name} is there already: participants would no longer know the TTP by it.")
    folder.mkdir(parents=True, exist_ok=True)
    authority, key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
    issuer, names = _name("Synergos CA"), x509.SubjectAlternativeName([_host(one) for one in hosts])
    ca = _certificate(issuer, issuer, authority.public_key())
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    own = _certificate(_name(hosts[0]), issuer, key.public_key()).add_extension(names, critical=False)
    write_secret(folder / "ttp.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for name, one in {"ca.crt": ca, "ttp.crt": own}.items():
        (folder / name).write_bytes(one.sign(authority, hashes.SHA384()).public_bytes(Encoding.PEM))


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that is its owner's alone from the first moment; one that is there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key, x509.random_serial_number(), now - timedelta(minutes=5), now + 2 * _YEAR
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
