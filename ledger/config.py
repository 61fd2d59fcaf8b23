"""The only place that reads the environment. Every setting has a default under one folder.

TAMGA_HOME              where state lives; default `.tamga` in the working directory
TAMGA_RPC_URL           a node; default: `rpc_url` of network.json
TAMGA_API_URL           the facade that a client talks to; default: `api_url` of network.json
TAMGA_PUBLIC_URL        the address under which people see this facade, which sign-ins must name; default: `api_url` of
                        network.json
TAMGA_DATABASE_URL      index and outbox, as `postgresql://user@host/name`; default: SQLite under TAMGA_HOME
TAMGA_KEYSTORE          folder of encrypted key files; default: `keystore` under TAMGA_HOME
TAMGA_PASSPHRASE_FILE   file whose first line opens the key files; TAMGA_PASSPHRASE is read when it is not set
TAMGA_RELAYER           name of the key that carries signed acts; default `relayer`
TAMGA_RATE_LIMIT        requests a second of one caller at one worker of the facade; 0: no limit, nor on the time that
                        many documents in one request take; default 100
TAMGA_TRUSTED_PROXIES   addresses or networks of front servers whose X-Forwarded-For is believed, with commas between;
                        default: nobody's
TAMGA_KEY               name of the key with which commands sign in where a facade asks who reads
TAMGA_CONTENT           folder of sealed documents; default: `content` under TAMGA_HOME
TAMGA_IPFS_URLS         APIs of Kubo nodes instead of that folder, with commas between; TAMGA_IPFS_URL names one
TAMGA_REPLICAS          how many of them must hold a batch before it counts as kept; default: more than half
TAMGA_READ_KEYS         name of the key ring that opens this facade's documents; default `facade`
TAMGA_PARTICIPANTS      file of display names; default: `participants.json` under TAMGA_HOME
TAMGA_FOREIGN           file of issuers and chains of other systems; default: `foreign.json` under TAMGA_HOME
TAMGA_LRN_KEY           file of the key that blinds local references; default: `lrn.key` under TAMGA_HOME
TAMGA_NETWORK           file that says where the ledger is; default: `network.json` under TAMGA_HOME
TAMGA_WEBHOOK_HOSTS     where webhooks may post, with spaces between: `host` or `host:port` over HTTPS, or
                        `http://host:port`; default: nowhere
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from ledger.domain.errors import Fault, Malformed, NotFound


@dataclass(frozen=True)
class Config:
    """Settings, each with a value or an honest None.

    Attributes:
        home: Where state lives.
        network_file: What a client needs to know of the ledger.
        rpc_url: A node; None: the one of `network_file`.
        api_url: The facade; None: the one of `network_file`.
        public_url: Address under which people see this facade; None: `api_url` of `network_file`.
        database_url: SQLAlchemy URL of index and outbox.
        keystore: Folder of encrypted key files.
        passphrase_file: File whose first line opens them.
        passphrase: Passphrase itself, if it was given in the environment.
        relayer: Name of the key that carries signed acts.
        rate_limit: Requests a second that one caller may send to one worker; 0: no limit.
        trusted_proxies: Front servers that are believed whom a request comes from.
        key: Name of the key that reads through a facade, if no command names another.
        content: Folder of sealed documents.
        ipfs_urls: APIs of Kubo nodes, if that is where they are; preferred ones first.
        replicas: How many of them must hold a batch.
        read_keys: Key ring of the participant whose facade this is.
        participants_file: Display names.
        webhook_hosts: Where webhooks may post.
        foreign_file: Issuers and chains of other systems.
        lrn_key_file: Key that blinds a declarant's local references.
    """

    home: Path
    network_file: Path
    rpc_url: str | None
    api_url: str | None
    public_url: str | None
    database_url: str
    keystore: Path
    passphrase_file: Path | None
    passphrase: str | None
    relayer: str
    rate_limit: int
    trusted_proxies: tuple[str, ...]
    key: str | None
    content: Path
    ipfs_urls: tuple[str, ...]
    replicas: int
    read_keys: Path
    participants_file: Path
    webhook_hosts: tuple[str, ...]
    foreign_file: Path
    lrn_key_file: Path

    def unlock(self) -> str:
        """The passphrase of the key files.

        Raises:
            NotFound: None was configured, or its file is not there.
        """
        if self.passphrase_file is not None:
            try:
                return self.passphrase_file.read_text(encoding="utf-8").partition("\n")[0]
            except FileNotFoundError as error:
                raise NotFound("passphrase file", str(self.passphrase_file)) from error
        if self.passphrase is None:
            raise NotFound("passphrase", "(set TAMGA_PASSPHRASE_FILE)")
        return self.passphrase


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """Return the settings of `environment`; of this process's own if none is given. Raises `Malformed`."""
    env = os.environ if environment is None else environment
    home = Path(env.get("TAMGA_HOME", ".tamga")).absolute()
    passphrase_file = env.get("TAMGA_PASSPHRASE_FILE")
    named = env.get("TAMGA_IPFS_URLS") or env.get("TAMGA_IPFS_URL") or ""
    nodes = tuple(url.strip() for url in named.split(",") if url.strip())
    return Config(
        home=home,
        network_file=Path(env.get("TAMGA_NETWORK", home / "network.json")),
        rpc_url=env.get("TAMGA_RPC_URL"),
        api_url=env.get("TAMGA_API_URL"),
        public_url=env.get("TAMGA_PUBLIC_URL"),
        database_url=env.get("TAMGA_DATABASE_URL", f"sqlite:///{home / 'ledger.sqlite'}"),
        keystore=Path(env.get("TAMGA_KEYSTORE", home / "keystore")),
        passphrase_file=None if passphrase_file is None else Path(passphrase_file),
        passphrase=env.get("TAMGA_PASSPHRASE"),
        relayer=env.get("TAMGA_RELAYER", "relayer"),
        rate_limit=_number(env, "TAMGA_RATE_LIMIT", 100),
        trusted_proxies=_networks(env, "TAMGA_TRUSTED_PROXIES"),
        key=env.get("TAMGA_KEY"),
        content=Path(env.get("TAMGA_CONTENT", home / "content")),
        ipfs_urls=nodes,
        replicas=_number(env, "TAMGA_REPLICAS", len(nodes) // 2 + 1, at_least=1, at_most=max(1, len(nodes))),
        read_keys=Path(env.get("TAMGA_READ_KEYS", home / "keyring" / "facade.json")),
        participants_file=Path(env.get("TAMGA_PARTICIPANTS", home / "participants.json")),
        webhook_hosts=tuple(env.get("TAMGA_WEBHOOK_HOSTS", "").split()),
        foreign_file=Path(env.get("TAMGA_FOREIGN", home / "foreign.json")),
        lrn_key_file=Path(env.get("TAMGA_LRN_KEY", home / "lrn.key")),
    )


def _number(environment: Mapping[str, str], name: str, default: int, *, at_least: int = 0, at_most: int = 10**9) -> int:
    """A setting that is a number. Raises `Malformed`."""
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise Malformed(Fault("not_a_number", f"/{name}", "a number is expected"))
    if not at_least <= int(text) <= at_most:
        raise Malformed(Fault("number_range", f"/{name}", f"a number from {at_least} to {at_most} is needed here"))
    return int(text)


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A setting that lists addresses and networks. Raises `Malformed`."""
    named = [each.strip() for each in environment.get(name, "").split(",") if each.strip()]
    try:
        return tuple(str(ip_network(each)) for each in named)
    except ValueError as error:  # "*" too: what everybody may say is nobody's word
        raise Malformed(Fault("not_an_address", f"/{name}", str(error))) from error
