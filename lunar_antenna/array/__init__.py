"""Many elements on one soil: coupled, with their losses."""
