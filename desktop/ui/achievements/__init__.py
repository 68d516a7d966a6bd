"""The room 成果: what is offered, how ripe it is, which rights cover it and who made it."""
