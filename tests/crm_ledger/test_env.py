"""A wrong value stops the start with a sentence that says how to mend it."""

from pathlib import Path

import pytest

from crm_ledger.env import WrongEnvironment, env_bool, env_int, env_list, env_rate, env_secret, env_url


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", False)])
def test_words_for_yes_and_no(monkeypatch: pytest.MonkeyPatch, word: str, meaning: bool) -> None:
    monkeypatch.setenv("X", word)
    assert env_bool("X", not meaning) is meaning


def test_defaults_count_only_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)
    assert env_bool("X", True) is True
    assert env_int("X", 7) == 7
    assert env_list("X", ["a"]) == ["a"]
    assert env_secret("X") is None
    assert env_url("X", ("redis",)) is None


@pytest.mark.parametrize(
    ("value", "read", "sentence"),
    [
        ("maybe", lambda: env_bool("X", False), "set it to 1 or 0"),
        ("8o", lambda: env_int("X", 1, least=1, most=9), "whole number from 1 to 9"),
        ("10", lambda: env_int("X", 1, least=1, most=9), "whole number from 1 to 9"),
        ("-1", lambda: env_int("X", 1), "whole number of at least 0"),
        ("mysql://u:secret@h/d", lambda: env_url("X", ("postgresql",)), "must start with postgresql://"),
        ("fast", lambda: env_rate("X", "1/s"), "such as 600/min"),
    ],
)
def test_wrong_values(monkeypatch: pytest.MonkeyPatch, value: str, read, sentence: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(WrongEnvironment, match=sentence) as stop:
        read()
    assert str(stop.value).startswith("Cannot start: X ")
    assert "secret" not in str(stop.value)


def test_a_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    monkeypatch.setenv("X_FILE", str(file))
    with pytest.raises(WrongEnvironment, match="cannot be read"):
        env_secret("X")
    file.write_text("\n")
    with pytest.raises(WrongEnvironment, match="is empty"):
        env_secret("X")
    file.write_text("hush\n")
    assert env_secret("X") == "hush"
    monkeypatch.setenv("X", "other")
    with pytest.raises(WrongEnvironment, match="both set"):
        env_secret("X")
