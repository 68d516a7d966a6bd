"""The conversation with a desktop: one request, its answer, and the word that there is news."""
