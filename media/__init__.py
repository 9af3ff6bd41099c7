"""Pictures: checked, stored by the hash of their content, served immutable."""
