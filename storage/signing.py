"""The key that signs checkpoints and exports: Ed25519, in a file of its own, for its owner only.

Whoever holds it can sign in this installation's name; whoever has the public half can check what was signed.
"""

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


class SigningKeyAway(Exception):
    """The signing key cannot be used. Says why, and what to do."""


class Signer:
    """Signs; `public` is the public key as base64 of its 32 bytes."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()

    def sign(self, body: bytes) -> str:
        """Return the signature as base64."""
        return base64.b64encode(self._key.sign(body)).decode()

    def public_pem(self) -> str:
        return public_pem(self.public)


def public_pem(key: str) -> str:
    """Return a public key, given as base64 of its 32 bytes, as a PEM text."""
    found = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def load_signer(file: Path, make: bool = True) -> Signer | None:
    """Return the signer; a missing key is made, mode 600, or None if `make` is False. Raises: SigningKeyAway."""
    try:
        if make and not file.exists():
            _write_new(file)
        found = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SigningKeyAway(f"The signing key {file} cannot be used: {error.strerror}. Correct its mode.") from None
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise SigningKeyAway(f"{file} holds no Ed25519 key. Put the right file back, from the copy of the keys.")
    return Signer(found)


def _write_new(file: Path) -> None:
    """Write a new key so that nobody ever sees half of one; of two processes the first one's counts."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(made)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
