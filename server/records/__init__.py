"""Records on the server: taken, judged, ordered, published and given out, scope by scope."""
