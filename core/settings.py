"""The settings: read once from the environment, checked before anything starts."""

import os
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import SettingsError

PREFIX = "DIAOBAN_"
DRIVERS = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+aiomysql", "mariadb": "mysql+aiomysql"}
Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Every setting, its default and what it is for. The variable is the name with DIAOBAN_ before it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Where readers find the site. Every absolute address is made of it, never of a request.",
    )
    site_name: str = Field("雕版", description="The name on the list of accounts at `/`.")
    database_url: SecretStr = Field(
        SecretStr("sqlite:///var/diaoban.db"),
        description="`sqlite:///PATH`, or `mysql://USER:PASSWORD@HOST/DATABASE` for MariaDB and MySQL.",
    )
    redis_url: SecretStr | None = Field(
        None, description="`redis://HOST:PORT/0`. Without it each process keeps its own memory only."
    )
    var: Path = Field(Path("var"), description="The folder for what is made while running: pictures, static files.")
    timezone: str = Field(
        "Asia/Shanghai", description="The zone of dates that are written without one, and of dates shown."
    )
    renderings_mib: int = Field(
        512,
        ge=1,
        description="How much of what the pipeline made, and no reader sees, the database keeps, in MiB.",
    )
    memory_mib: int = Field(
        256,
        ge=0,
        le=1_048_576,
        description="Most memory that one process gives to hot pages, in MiB. 0 asks Redis or the database each time.",
    )
    trust_seconds: float = Field(
        2.0,
        ge=0.2,
        le=60,
        description="How long a process may answer from memory after it last heard which pages changed. "
        "A takedown is acknowledged after this time.",
    )
    stale_seconds: float = Field(
        3600.0,
        ge=0,
        description="How long a process that is cut off from Redis and the database goes on serving what it "
        "holds, marked stale. 0 stops at once.",
    )
    max_connections: int = Field(
        4096,
        ge=16,
        le=1_000_000,
        description="Connections that one process holds at a time. Those beyond it are told 503 and to come back.",
    )
    render_processes: int = Field(
        0, ge=0, le=256, description="Processes that turn uploads into pages; 0 means one for each core."
    )
    render_seconds: float = Field(30.0, gt=0, le=600, description="Longest time that one article may take to render.")
    ops_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")),
        description="Networks, comma-separated, whose direct connections may read `/-/metrics` and `/-/ready`. "
        "Others get 404, and so does a request that a proxy passed on.",
    )
    access_log: Path | None = Field(
        None,
        description="A file for every request, in the combined format; at 256 MiB it is renamed, five are kept. Behind "
        "nginx it knows nginx's address only: let nginx log.",
    )
    log_format: Literal["console", "json"] = Field("console", description="`console` or `json`.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`."
    )

    @field_validator("base_url")
    @classmethod
    def _absolute_origin(cls, value: str) -> str:
        return checked_base_url(value)

    @field_validator("database_url")
    @classmethod
    def _known_driver(cls, value: SecretStr) -> SecretStr:
        scheme, separator, rest = value.get_secret_value().partition("://")
        name = scheme.partition("+")[0]
        if name not in DRIVERS or not separator:
            msg = "write sqlite:///PATH or mysql://USER:PASSWORD@HOST/DATABASE"
            raise ValueError(msg)
        return SecretStr(f"{DRIVERS[name]}://{rest}")

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            msg = "write redis://HOST:PORT/0, rediss://… or unix://PATH"
            raise ValueError(msg)
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            msg = f"no time zone is called {value!r}; write one like Asia/Shanghai"
            raise ValueError(msg) from error
        return value

    @field_validator("ops_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    @property
    def media_folder(self) -> Path:
        """Where pictures rest, by the hash of their content."""
        return self.var / "media"

    def shown(self) -> dict[str, str]:
        """Every setting by its variable's name, secrets hidden."""
        return {PREFIX + name.upper(): _shown(getattr(self, name)) for name in type(self).model_fields}


def checked_base_url(value: str) -> str:
    """The address without its last slash; ValueError when it is no http(s) origin."""
    parts = urlsplit(value.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        msg = "write a scheme and a host only, like https://www.example.com"
        raise ValueError(msg)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def read_settings(**given: Any) -> Settings:
    """Read the environment; what is given stands above it.

    Raises SettingsError, naming each variable that is wrong and each DIAOBAN_ variable that does not exist.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    problems = [f"{name}: there is no such setting (see docs/settings.md)" for name in unknown]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_problem(details) for details in error.errors(include_url=False, include_input=False)]
        raise SettingsError("\n".join(problems)) from error
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _problem(details: Any) -> str:
    name = PREFIX + str(details["loc"][0]).upper().removeprefix(PREFIX)
    return f"{name}: {details['msg'].removeprefix('Value error, ')}"


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return _without_password(value.get_secret_value())
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return "" if value is None else str(value)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if "@" not in parts.netloc and not parts.query:
        return url
    host = parts.netloc.rpartition("@")[2]
    hidden = "***@" if "@" in parts.netloc else ""
    return f"{parts.scheme}://{hidden}{host}{parts.path}" + ("?***" if parts.query else "")
