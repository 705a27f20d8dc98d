"""One run of a study: workers, storage, stages."""
