"""The administrators' pages: accounts, devices, numbers and health, without any script."""
