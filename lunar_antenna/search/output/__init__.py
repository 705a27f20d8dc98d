"""What a finished study leaves behind: record, notes, best design, folder."""
