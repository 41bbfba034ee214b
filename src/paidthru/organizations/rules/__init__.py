"""Pure rules of the organizations room: policies and presets, roles."""
