"""Pure rules of assessments."""
