"""What documents say, and how they are put together. Pure."""
