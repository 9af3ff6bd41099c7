"""Alembic's migrations. Each works with the previous release too; a removal takes two releases."""
