"""A real mail server (Exim, from Debian's packages) as a process of the test: TLS, login, a Maildir, real bounces."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

EXIM = shutil.which("exim4", path="/usr/sbin:/usr/bin") or ""
USER, PASSWORD = "dialogues", "correct horse"
SENDER = "dialogues@example.org"

CONFIGURATION = r"""
primary_hostname = localhost
exim_user = {user}
spool_directory = {home}/spool
log_file_path = {home}/log/%slog
pid_file_path =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
domainlist ours = example.net : example.org
never_users =
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max_per_connection = 500
smtp_accept_queue_per_connection = 0
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
dsn_advertise_hosts = *
smtputf8_advertise_hosts =
acl_smtp_rcpt = recipient
acl_smtp_data = accept

begin acl
recipient:
  deny    !authenticated = *
          message = relay not permitted
  deny    local_parts = nobody
          message = no such user here
  defer   local_parts = later
          message = try again later
  accept  domains = +ours
  deny    message = relay not permitted

begin routers
gone:
  driver = redirect
  local_parts = gone
  data = :fail: this account has been closed
  allow_fail
everybody:
  driver = accept
  domains = +ours
  transport = box

begin transports
box:
  driver = appendfile
  directory = {home}/box
  maildir_format
  envelope_to_add
  user = {user}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{name}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


def missing() -> str:
    """Return why there can be no mail server here, or nothing."""
    if not EXIM:
        return "Exim is not on this machine: apt-get install --no-install-recommends exim4-daemon-light"
    return "" if os.geteuid() == 0 else "Exim delivers to a mailbox only when it is started by root"


class PostOffice:
    """The server: started, stopped, killed; and the one box everything is put into."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="jisr-mail-"))
        self.user = next(name for name in ("Debian-exim", "mail") if name in {one.pw_name for one in pwd.getpwall()})
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.home.chmod(0o755)
        for name in ("spool", "log", "box", "tls"):
            (self.home / name).mkdir()
        shown, secret = (Path(shutil.copy(one, self.home / "tls")) for one in (certificate, key))
        self._file = self.home / "exim.conf"
        self._file.write_text(
            CONFIGURATION.format(
                home=self.home,
                user=self.user,
                port=self.port,
                certificate=shown,
                key=secret,
                name=USER,
                password=PASSWORD,
            )
        )
        for one in self.home.rglob("*"):
            if one != self._file:  # its own file must be root's, or Exim does not take it
                shutil.chown(one, self.user)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [EXIM, "-C", str(self._file), "-bdf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, self.said()
            time.sleep(0.05)
        raise AssertionError(f"Exim does not answer. {self.said()}")

    def stop(self) -> None:
        """Kill the server; conversations it has begun are processes of their own and end by themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def clear(self) -> None:
        for one in (self.home / "box").rglob("*"):
            if one.is_file():
                one.unlink()

    def wait_for(self, number: int, seconds: float = 30) -> list[EmailMessage]:
        """Return what is in the box as soon as there are so many."""
        until = time.monotonic() + seconds
        while len(self.box) < number and time.monotonic() < until:
            time.sleep(0.1)
        assert len(self.box) == number, f"{len(self.box)} of {number} in the box. {self.said()}"
        return self.box

    @property
    def box(self) -> list[EmailMessage]:
        return [_read(one) for one in sorted((self.home / "box" / "new").glob("*"))]

    def said(self) -> str:
        return "\n".join(one.read_text(errors="replace") for one in (self.home / "log").glob("*log"))

    def remove(self) -> None:
        self.stop()
        for _ in range(20):  # the last conversations still write their log
            shutil.rmtree(self.home, ignore_errors=True)
            time.sleep(0.05)


def _read(file: Path) -> EmailMessage:
    made: Any = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(made, EmailMessage)
    return made
