"""Faces: a face parses, calls one action or query, turns a typed error into a response. They do not know each other."""
