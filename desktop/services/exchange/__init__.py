"""Lists come in from spreadsheets and go out to them; every row is accounted for."""
