"""A time-stamping authority of the test's own: a root, a signer, and answers right and wrong (RFC 3161).

The answers are put together by asn1crypto and signed by cryptography; flowtrace reads them with another
library, and so does openssl where the system has it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_POLICY = "1.3.6.1.4.1.99999.1"
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Signer:
    """A key with its certificate and the root that issued it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate

    @property
    def root_pem(self) -> bytes:
        """The root, as a person hands it to flowtrace."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def signer(
    name: str = "test authority",
    *,
    usages: tuple[ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,),
    until: datetime = NOW + _YEAR,
) -> Signer:
    """Return a new authority with a root of its own."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _named(f"{name} root")
    root = (
        _begun(root_name, root_name, root_key)
        .not_valid_after(NOW + _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .add_extension(_usage(ca=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _begun(_named(name), root_name, key)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
    )
    if usages:
        leaf = leaf.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    return Signer(key, leaf.sign(root_key, hashes.SHA256()), root)


def answer(
    query: bytes,
    by: Signer,
    *,
    status: str = "granted",
    imprint: bytes | None = None,
    signed_by: Signer | None = None,
) -> bytes:
    """Return an authority's answer to a request.

    Parameters
    ----------
    imprint
        What it stamps instead of what was asked for.
    signed_by
        Whose key signs, in place of that of the certificate it shows.
    """
    if status not in ("granted", "granted_with_mods"):
        refused = {"status": status, "status_string": ["not today"], "fail_info": {"bad_alg"}}
        body: bytes = tsp.PKIStatusInfo(refused).dump()
        return bytes([0x30, len(body)]) + body  # asn1crypto wants a token where the RFC has none
    asked = tsp.TimeStampReq.load(query)
    held = imprint or asked["message_imprint"]["hashed_message"].native
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": held},
            "serial_number": 7,
            "gen_time": NOW,
            "nonce": asked["nonce"].native,
        }
    ).dump()
    token = _signed(info, by, (signed_by or by).key)
    return tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump()  # type: ignore[no-any-return]


def _signed(info: bytes, by: Signer, key: ec.EllipticCurvePrivateKey) -> cms.ContentInfo:
    der = by.certificate.public_bytes(serialization.Encoding.DER)
    shown = asn1_x509.Certificate.load(der)
    ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(der).digest()}]})
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": NOW})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [ess]}),
        ]
    )
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
    signed_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": shown.issuer, "serial_number": shown.serial_number}
                    )
                }
            ),
            "digest_algorithm": algorithm,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    content = {"content_type": "tst_info", "content": core.ParsableOctetString(info)}
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": content,
            "certificates": [shown],
            "signer_infos": [signed_info],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data})


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - _YEAR)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip
