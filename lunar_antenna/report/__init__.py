"""The self-contained HTML page of a solution; see :func:`lunar_antenna.report.report.report`."""
