"""Where finished pages rest and are answered from: memory, Redis, page store."""
