"""The room 交易: the board, and the page where a contract goes from first talk to bound dossier."""
