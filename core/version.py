"""The version of the package, as setup.cfg and `diaoban --version` say it."""

VERSION = "0.1.0"
