"""The ground floor: what the business knows, without framework, storage or clock."""
