"""Running it: the `diaoban` command, probes, metrics, re-render."""
