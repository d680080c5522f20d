"""TLS from certificate files, for our own listeners: read at the start, and anew when the files were renewed."""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL

logger = logging.getLogger(__name__)

#: How long a peer may take to say goodbye in TLS, too, after we did.
SHUTDOWN_TIMEOUT_S = 5.0


class CertificateError(Exception):
    """A certificate cannot be used. The message says which file, and why."""


class Certificate:
    """A certificate chain and its key.

    Raises:
        CertificateError: at the start, so that nobody finds out from clients that fail.
    """

    def __init__(self, chain_path: str, key_path: str = "") -> None:
        """Both are PEM files; without `key_path` the key is in the chain's file."""
        self.chain_path = chain_path
        self.key_path = key_path or chain_path
        #: For asyncio. The same object for ever, since listeners keep it.
        self.context = self._checked()
        self._openssl_context: SSL.Context | None = None

    @property
    def openssl_context(self) -> SSL.Context:
        """For Twisted, which speaks TLS by pyOpenSSL. Asked for with every connection."""
        if self._openssl_context is None:
            context = SSL.Context(SSL.TLS_SERVER_METHOD)
            context.set_min_proto_version(SSL.TLS1_2_VERSION)
            context.use_certificate_chain_file(self.chain_path)
            context.use_privatekey_file(self.key_path)
            self._openssl_context = context
        return self._openssl_context

    def reload(self) -> None:
        """Read the files again. New handshakes get what they hold; with a fault in them, what was held before."""
        try:
            self._checked()
        except CertificateError as error:
            logger.error("tls.not_reloaded", extra={"reason": str(error)})
        else:
            self.context.load_cert_chain(self.chain_path, self.key_path)
            self._openssl_context = None
            logger.info("tls.reloaded")

    def _checked(self) -> ssl.SSLContext:
        try:
            # The server's own comes first; what follows may hold an old root that nobody looks at.
            own = x509.load_pem_x509_certificates(Path(self.chain_path).read_bytes())[0]
        except OSError as error:
            raise CertificateError(f"{self.chain_path}: {error.strerror}.") from error
        except ValueError as error:
            raise CertificateError(f"{self.chain_path}: no PEM file with a certificate.") from error
        if not own.not_valid_before_utc <= datetime.now(UTC) <= own.not_valid_after_utc:
            raise CertificateError(
                f"{self.chain_path}: the certificate is valid "
                f"from {own.not_valid_before_utc:%Y-%m-%d} to {own.not_valid_after_utc:%Y-%m-%d}."
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # A key with a passphrase is refused: there may be nobody to type it in.
            context.load_cert_chain(self.chain_path, self.key_path, password=lambda: "")
        except ssl.SSLError as error:
            raise CertificateError(
                f"{self.key_path}: no PEM file with the certificate's own key, without a passphrase ({error.reason})."
            ) from error
        except OSError as error:
            raise CertificateError(f"{self.key_path}: {error.strerror}.") from error
        return context
