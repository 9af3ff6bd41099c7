"""Who may publish: accounts (公众号) and the tokens of their publishers."""
