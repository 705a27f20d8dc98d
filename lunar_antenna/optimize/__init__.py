"""Search of parametric layouts: space, objective, study, workers."""
