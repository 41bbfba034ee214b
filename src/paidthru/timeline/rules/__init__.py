"""Rules of the timeline room: how events are sealed into a chain."""
