"""What every room uses: checks, tables, files, worker processes."""
