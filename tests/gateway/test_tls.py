"""Certificates that cannot be used: each is said at the start, with the file and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from chat.gateway.tls import Certificate, CertificateError
from tests.support.certificates import make_certificate


def refusal(chain: Path, key: Path | str = "") -> str:
    with pytest.raises(CertificateError) as error:
        Certificate(str(chain), str(key))
    return str(error.value)


def test_a_certificate_and_its_key__may_be_one_file(tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path)
    Certificate(str(chain), str(key))
    both = tmp_path / "both.pem"
    both.write_bytes(chain.read_bytes() + key.read_bytes())
    Certificate(str(both))


def test_what_follows_in_the_chain__may_be_old(tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path / "new")
    old_root, _ = make_certificate(tmp_path / "old", starts_days=-9, ends_days=-8)
    chain.write_bytes(chain.read_bytes() + old_root.read_bytes())
    Certificate(str(chain), str(key))


def test_missing__is_said(tmp_path: Path) -> None:
    chain, _ = make_certificate(tmp_path)
    assert refusal(tmp_path / "none.pem") == f"{tmp_path}/none.pem: No such file or directory."
    assert refusal(chain, tmp_path / "none.pem") == f"{tmp_path}/none.pem: No such file or directory."


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\x00\xff" * 100])
def test_no_certificate__is_said(tmp_path: Path, content: bytes) -> None:
    chain, key = make_certificate(tmp_path)
    chain.write_bytes(content)
    assert refusal(chain, key) == f"{chain}: no PEM file with a certificate."


def test_no_key_or_another_one__is_said(tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path / "one")
    _, other = make_certificate(tmp_path / "other")
    assert refusal(chain).startswith(f"{chain}: no PEM file with the certificate's own key")
    assert refusal(chain, other).startswith(f"{other}: no PEM file with the certificate's own key")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"secret")
    key.write_bytes(loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    assert "without a passphrase" in refusal(chain, key)


@pytest.mark.parametrize(("starts_days", "ends_days"), [(-9, -1), (1, 9)])
def test_expired_or_not_yet_valid__is_said(tmp_path: Path, starts_days: int, ends_days: int) -> None:
    chain, key = make_certificate(tmp_path, starts_days=starts_days, ends_days=ends_days)
    assert "the certificate is valid from 20" in refusal(chain, key)
