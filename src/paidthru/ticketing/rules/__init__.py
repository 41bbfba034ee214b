"""Rules of ticketing: what may be sold, pure."""
