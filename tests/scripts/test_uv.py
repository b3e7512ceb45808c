"""The environment follows pip's configuration: uv gets each setting in its own words.

Method: pip's own listing is read under a planted environment; the translation is a pure function.
"""

import os

import pytest

from scripts import uv


def test_settings_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("PIP_CERT", "corporate.pem")
    settings = uv.pip_settings()
    assert settings["index-url"] == "https://mirror.example/simple"
    assert settings["cert"] == "corporate.pem"


def test_each_setting_gets_its_variable() -> None:
    settings = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "\nhttps://one.example\nhttps://two.example",
        "find-links": "wheels more-wheels",
        "cert": "corporate.pem",
        "quiet": "1",
    }
    assert uv.uv_environment(settings, {}) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example https://two.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "wheels,more-wheels",
        "SSL_CERT_FILE": "corporate.pem",
    }


def test_what_uv_was_told_itself_wins() -> None:
    environment = {"UV_DEFAULT_INDEX": "https://chosen.example"}
    settings = {"index-url": "https://mirror.example/simple"}
    assert uv.uv_environment(settings, environment) == environment


def test_nothing_is_added_where_pip_has_no_settings() -> None:
    assert uv.uv_environment({}, {"HOME": "x"}) == {"HOME": "x"}
    assert uv.uv_environment({"index-url": " "}, {}) == {}
