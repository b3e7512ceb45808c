"""The settings of an exchange, and where they come from: arguments, the environment, the file."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_origin

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from outcry.errors import InvalidSetting
from outcry.settings.serve import ServeSettings

FILE_NAME: Final = "outcry.toml"
"""The settings of a directory, where it has any of its own."""

PREFIX: Final = "OUTCRY_"
"""What the variables of the environment begin with."""
DELIMITER: Final = "__"
"""What stands for the point of a key within a section in the name of its variable."""

# How pydantic-settings names the field whose variable holds no JSON where it must.
_UNREADABLE: Final = re.compile(r'field "(\w+)"')
_U32_MAX: Final = (1 << 32) - 1


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise ValueError("should be a power of two")
    return value


Count = Annotated[int, Field(ge=1, le=_U32_MAX)]


class Settings(BaseSettings):
    """How an exchange is to run.

    What decides on the effect of commands (`shard`, `money` and the bounds named in the second
    half) is written into the journal when a directory is made, and cannot differ later.

    Attributes:
        durability: When a reply leaves. `sync`: once the disk has confirmed what it shows.
            `interval`: once it is written, with the disk asked every `durability_interval_ms`; a
            power failure may lose that much of what was acknowledged. `none`: once it is written.
        durability_interval_ms: How often the disk is asked, in milliseconds.
        command_ring_bytes: Bytes of the ring that takes commands in; a power of two.
        in_flight_bytes: Bytes between the engine and the disk's confirmation, above which the
            engine waits.
        follower_lag_bytes_max: Bytes of commands that the follower may be behind the engine, not
            counting those from before the opening; above it commands are refused.
        disk_reserve_bytes: Bytes of the disk that are left to others: with fewer free, beside what
            the next segment, the next snapshot and the follower will take, commands are refused
            until there is room; 0 for never.
        clients_max: Most clients at a time: each thread that calls, each event loop.
        client_in_flight_max: Most commands of one client that are not yet answered.
        client_reply_bytes_max: Bytes of replies that wait for a client, above which their events
            are dropped.
        feed_bytes_max: Bytes of events that wait for a reader, above which it gets a gap.
        segment_bytes: Bytes of a journal segment.
        spare_segments: Segments that are kept ready: half of them are a burst during which no new
            one is written beside the journal.
        snapshot_interval_ms: Between two snapshots, in milliseconds; 0 for one at a clean stop
            only.
        snapshots_kept: Snapshots kept beside those that belong to a kept segment.
        archive: Whether closed journal segments behind a snapshot are compressed.
        plain_segments: Closed journal segments that stay as they are.
        archive_bytes_max: Bytes of the archive, above which its oldest segments are removed; 0
            keeps all.
        archive_age_max_s: Seconds after which archived segments are removed; 0 keeps all.
        events_bytes_max: Bytes of the event log, above which its oldest segments are removed; 0
            keeps all.
        events_age_max_s: Seconds after which events are removed; 0 keeps all.
        spin: Whether busy threads look for work without sleeping: takes a core each.
        pin: The cores that the threads (core, journal, events, follower) stay on, in turn.
        shard: Order ids begin at `shard * 2^44 + 1`.
        money: Whether accounts must have what they trade.
        work_max: Most expiries and triggered stops worked off by one command.
        mass_max: Most orders that one step of a mass cancel or session's end touches.
        remembered_requests: Request ids remembered for each account.
        instrument_max: Greatest instrument number.
        accounts_max: Most accounts.
        asset_max: Greatest asset number.
        withdrawals_max: Most pending withdrawals of one account.
        sources_max: Most sources of deposits, transfers and settled withdrawals.
        serve: How the exchange is served; each of its keys stands in the section `[serve]`.

    >>> Settings(durability="none", segment_bytes=1 << 20).durability
    'none'
    >>> Settings(segment_bytes=12)
    Traceback (most recent call last):
    outcry.errors.InvalidSetting: segment_bytes: 12 should be greater than or equal to 1048576
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    durability: Literal["sync", "interval", "none"] = "sync"
    durability_interval_ms: int = Field(default=100, ge=1, le=60_000)
    command_ring_bytes: Annotated[int, AfterValidator(_power_of_two)] = Field(
        default=8 << 20, ge=64 << 10, le=1 << 30
    )
    in_flight_bytes: int = Field(default=64 << 20, ge=1 << 20, le=1 << 40)
    follower_lag_bytes_max: int = Field(default=1 << 30, ge=1 << 20, le=1 << 60)
    disk_reserve_bytes: int = Field(default=64 << 20, ge=0, le=1 << 40)
    clients_max: int = Field(default=1_024, ge=1, le=65_535)
    client_in_flight_max: Count = 65_536
    client_reply_bytes_max: int = Field(default=64 << 20, ge=1 << 16, le=1 << 40)
    feed_bytes_max: int = Field(default=64 << 20, ge=1 << 16, le=1 << 40)
    segment_bytes: int = Field(default=64 << 20, ge=1 << 20, le=1 << 40)
    spare_segments: int = Field(default=1, ge=0, le=64)
    snapshot_interval_ms: int = Field(default=1_000, ge=0, le=86_400_000)
    snapshots_kept: int = Field(default=3, ge=1, le=1_000_000)
    archive: bool = True
    plain_segments: int = Field(default=1, ge=0, le=1_000_000)
    archive_bytes_max: int = Field(default=0, ge=0, le=1 << 60)
    archive_age_max_s: int = Field(default=0, ge=0, le=10_000_000_000)
    events_bytes_max: int = Field(default=0, ge=0, le=1 << 60)
    events_age_max_s: int = Field(default=0, ge=0, le=10_000_000_000)
    spin: bool = False
    pin: tuple[Annotated[int, Field(ge=0, le=1_023)], ...] = ()

    shard: int = Field(default=0, ge=0, le=(1 << 19) - 1)
    money: bool = True
    work_max: Count = 1_024
    mass_max: Count = 1_024
    remembered_requests: int = Field(default=128, ge=0, le=_U32_MAX)
    instrument_max: int = Field(default=65_535, ge=1, le=1 << 20)
    accounts_max: Count = 1 << 24
    asset_max: Count = 65_535
    withdrawals_max: Count = 128
    sources_max: Count = 65_536

    serve: ServeSettings = Field(default_factory=ServeSettings)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each field has a type of its own
        try:
            super().__init__(**values)
        except (ValidationError, SettingsError) as error:
            raise _named(error, None)[0] from None

    @classmethod
    def load(cls, directory: Path | str, file: Path | str | None = None) -> Self:
        """Return the settings of a directory, by its file and the environment.

        Args:
            directory: The exchange's directory; its `outcry.toml` counts where there is one.
            file: Another file that counts instead.

        Raises:
            InvalidSetting: A key is unknown or its value cannot be, or the file is no TOML.
            FileNotFoundError: The named file is not there.
        """
        found = cls._found(directory, file)
        if isinstance(found, list):
            raise found[0]
        return found

    @classmethod
    def problems(
        cls, directory: Path | str, file: Path | str | None = None
    ) -> list[InvalidSetting]:
        """Return all that is wrong with the settings of a directory, empty where nothing is.

        Raises:
            FileNotFoundError: The named file is not there.
        """
        found = cls._found(directory, file)
        return found if isinstance(found, list) else []

    @classmethod
    def _found(cls, directory: Path | str, file: Path | str | None) -> Self | list[InvalidSetting]:
        path = Path(directory, FILE_NAME) if file is None else Path(file)
        if file is not None and not path.exists():
            raise FileNotFoundError(f"settings: {path} is not there")

        class OfFile(cls):  # type: ignore[valid-type, misc]
            model_config = SettingsConfigDict(toml_file=path)

            def __init__(self) -> None:
                BaseSettings.__init__(self)

        try:
            found = OfFile()
        except (ValidationError, SettingsError) as error:
            return _named(error, path)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return [InvalidSetting(str(path), "this text", f"is no TOML: {error}")]
        return cls.model_construct(**{name: getattr(found, name) for name in cls.model_fields})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say what counts before what: arguments, the environment, the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def variable_of(*key: str) -> str:
    """Return the variable that overrides a key, given by its section and name.

    >>> variable_of("serve", "port")
    'OUTCRY_SERVE__PORT'
    """
    return f"{PREFIX}{DELIMITER.join(key)}".upper()


def is_set(variable: str) -> bool:
    """Tell whether the environment has a variable, in whichever case."""
    return any(name.upper() == variable for name in os.environ)


def _named(error: ValidationError | SettingsError, path: Path | None) -> list[InvalidSetting]:
    """Return what is wrong, each by the key's name and where it was said."""
    if isinstance(error, ValidationError):
        return [_named_one(each, path) for each in error.errors()]
    found = _UNREADABLE.search(str(error))
    name = _unreadable(variable_of(found[1])) if found else PREFIX
    return [InvalidSetting(name, repr(os.environ.get(name, "")), "should be JSON")]


def _unreadable(name: str) -> str:
    """Return the variable that is no JSON where it must be: a key's own, or one of its section."""
    lists = [
        key for key, field in ServeSettings.model_fields.items() if get_origin(field.annotation)
    ]
    variables = [name, *(f"{name}{DELIMITER}{key.upper()}" for key in lists)]
    for variable in variables:
        try:
            json.loads(os.environ.get(variable, "null"))
        except ValueError:
            return variable
    return name


def _named_one(error: ErrorDetails, path: Path | None) -> InvalidSetting:
    keys = [str(part) for part in error["loc"]]
    name = ".".join(keys)
    variables = [variable_of(*keys[:length]) for length in range(len(keys), 0, -1)]
    variable = next((each for each in variables if is_set(each)), None)
    if variable is not None:
        name = variable
    elif path is not None and path.exists():
        name = f"{path}: {name}"
    if error["type"] == "extra_forbidden":
        return InvalidSetting(name, "this key", "is none that there is")
    bound = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return InvalidSetting(name, repr(error["input"]), bound)
