import pytest

from ops.check import check_interpreter


@pytest.mark.parametrize(
    ("configured", "prefix", "is_note"),
    [
        ("'--prefix=/usr' '--enable-shared'", "/usr", False),  # Debian's does not say how it was built
        ("'--enable-optimizations' '--with-lto'", "/opt/python", False),
        ("'--prefix=/home/x/.pyenv/versions/3.11.7'", "/home/x/.pyenv/versions/3.11.7", True),
    ],
)
def test_an_interpreter_without_optimisation_is_named(configured: str, prefix: str, *, is_note: bool) -> None:
    finding = check_interpreter(configured, prefix)
    assert finding.is_good
    assert finding.is_note is is_note
    assert ("--enable-optimizations" in finding.text) is is_note
