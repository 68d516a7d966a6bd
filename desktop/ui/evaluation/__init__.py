"""绩效评价: an agency's year, scored and proven."""
