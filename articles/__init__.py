"""What is published: upload, revisions, publish, read; and which pages a change touches."""
