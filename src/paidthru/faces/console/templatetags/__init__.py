"""Template tags of the console: display only."""
