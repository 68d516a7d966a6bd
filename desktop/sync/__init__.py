"""The sync engine: what this store has is sent, what others made is taken in, over network or USB stick."""
