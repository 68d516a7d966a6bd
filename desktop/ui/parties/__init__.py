"""The room 客户: who supplies, demands and mediates technology, and everything that happened with them."""
