"""Pure rules of giving."""
