class NecSolver: pass
