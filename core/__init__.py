"""What every folder may use: a closed list."""
