"""An authority of the tests' own, with what it has certified: a server on 127.0.0.1, and a client."""

import datetime
import ipaddress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Authority(NamedTuple):
    """Files of a CA, of a server that it has certified for 127.0.0.1, and of a client."""

    ca: Path
    server: Path
    client: Path


def make_authority(folder: Path) -> Authority:
    ca_key, ca_name = ec.generate_private_key(ec.SECP256R1()), name_of("CA of the grid")
    ca = certificate(ca_name, ca_name, ca_key, ca_key, is_ca=True)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    for who in ("server", "client"):
        key = ec.generate_private_key(ec.SECP256R1())
        own = certificate(name_of(f"{who} of the grid"), ca_name, key, ca_key, is_ca=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{who}.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM) + private)
    return Authority(folder / "ca.pem", folder / "server.pem", folder / "client.pem")


def name_of(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signs: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    return builder.add_extension(names, critical=False).sign(signs, hashes.SHA256())
