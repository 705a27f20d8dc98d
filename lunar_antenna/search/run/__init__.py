"""One run of a study: samplers, workers, storage, stages."""
