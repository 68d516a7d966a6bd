"""Files of records: named by their digest, sealed, taken and given in chunks."""
