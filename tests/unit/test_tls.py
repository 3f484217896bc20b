"""One TLS context for all connections that trust the same authorities, as the file that names them is now."""

import os
import shutil
import ssl
from pathlib import Path

import pytest

from responder.errors import Trouble
from responder.servers import tls
from tests.servers.dovecot import make_certificate


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("one", "other"):
        make_certificate(folder / f"{name}.pem", folder / f"{name}.key")
    return folder / "one.pem", folder / "other.pem"


def trusted(context: ssl.SSLContext) -> list[bytes]:
    return context.get_ca_certs(binary_form=True)


def test_connections_share_what_they_trust(certificates: tuple[Path, Path]) -> None:
    one, other = certificates
    assert tls.context(one) is tls.context(one)
    assert tls.context(None) is tls.context(None)
    assert len({id(tls.context(each)) for each in (None, one, other)}) == 3


def test_a_certificate_that_is_renewed_is_trusted_from_the_next_connection_on(
    certificates: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = certificates
    office = tmp_path / "office.pem"
    shutil.copyfile(one, office)
    assert trusted(tls.context(office)) == trusted(tls.context(one))
    shutil.copyfile(other, office)
    os.utime(office, (1, 1))
    assert trusted(tls.context(office)) == trusted(tls.context(other))


def test_every_context_verifies_and_speaks_no_old_tls(certificates: tuple[Path, Path]) -> None:
    for made in map(tls.context, (None, certificates[0])):
        assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert made.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_certificate_file_that_is_missing_or_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for name in ("missing.pem", "none.pem"):
        with pytest.raises(Trouble, match="the certificate file cannot be used"):
            tls.context(tmp_path / name)
