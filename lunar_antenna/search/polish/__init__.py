"""The end of a search: goals as many inequalities, met better by linear programs."""
