"""Design and verification of membrane dipoles on layered lunar soil, 5-35 MHz.

Names are imported when first used, so that ``import lunar_antenna`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .version import __version__ as __version__

_WHERE = {
    "Band": "problem",
    "Problem": "problem",
    "Array": "array_problem",
    "load_array": "array.file",
    "solve_array": "array.run",
    "arrange": "search.places.api",
    "ArraySolution": "array_solution",
    "load_array_solution": "array_solution",
    "Layer": "media.layer",
    "Stack": "media.layer",
    "Metal": "media.sheets",
    "Film": "media.sheets",
    "load_soil": "media.soils",
    "Layout": "geometry.layout",
    "Port": "geometry.layout",
    "Gap": "geometry.layout",
    "load_geometry": "geometry.load",
    "Solution": "solution",
    "FarField": "solution",
    "Efficiency": "solution",
    "solve": "solvers.registry",
    "load": "solution",
    "bound": "bounds.bound",
    "emulate": "emulation.build",
    "Emulator": "emulation.emulator",
    "export": "exports.registry",
    "load_spherical": "exports.spherical",
    "load_measurement": "measurement.reading.load",
    "compare": "measurement.compare",
    "resonances": "measurement.resonances",
    "plot": "plotting.front",
    "invert": "inversion.invert",
    "InversionSettings": "inversion.settings",
    "optimize": "search.api",
    "StudySettings": "search.study.plan",
    "tolerance": "tolerances.tolerance",
    "explore": "live.explore",
    "Receiver": "sky.receiver",
    "noise_budget": "sky.temperature",
    "noise_ratio": "sky.temperature",
    "noise_covariance": "sky.covariance",
    "load_sky": "sky.healpix",
    "Site": "sky.moon",
    "Observation": "sky.moon",
    "antenna_temperature": "sky.seen",
    "chromaticity": "sky.chromaticity",
    "beam_error": "sky.beam_error",
    "LunarAntennaError": "errors",
    "InputError": "errors",
    "SolverError": "errors",
    "MissingEngineError": "errors",
}

__all__ = ["__version__", *_WHERE]

if TYPE_CHECKING:
    from .array.file import load_array as load_array
    from .array.run import solve_array as solve_array
    from .array_problem import Array as Array
    from .array_solution import ArraySolution as ArraySolution
    from .array_solution import load_array_solution as load_array_solution
    from .bounds.bound import bound as bound
    from .emulation.build import emulate as emulate
    from .emulation.emulator import Emulator as Emulator
    from .errors import InputError as InputError
    from .errors import LunarAntennaError as LunarAntennaError
    from .errors import MissingEngineError as MissingEngineError
    from .errors import SolverError as SolverError
    from .exports.registry import export as export
    from .exports.spherical import load_spherical as load_spherical
    from .geometry.layout import Gap as Gap
    from .geometry.layout import Layout as Layout
    from .geometry.layout import Port as Port
    from .geometry.load import load_geometry as load_geometry
    from .inversion.invert import invert as invert
    from .inversion.settings import InversionSettings as InversionSettings
    from .live.explore import explore as explore
    from .measurement.compare import compare as compare
    from .measurement.reading.load import load_measurement as load_measurement
    from .measurement.resonances import resonances as resonances
    from .media.layer import Layer as Layer
    from .media.layer import Stack as Stack
    from .media.sheets import Film as Film
    from .media.sheets import Metal as Metal
    from .media.soils import load_soil as load_soil
    from .plotting.front import plot as plot
    from .problem import Band as Band
    from .problem import Problem as Problem
    from .search.api import optimize as optimize
    from .search.places.api import arrange as arrange
    from .search.study.plan import StudySettings as StudySettings
    from .sky.beam_error import beam_error as beam_error
    from .sky.chromaticity import chromaticity as chromaticity
    from .sky.covariance import noise_covariance as noise_covariance
    from .sky.healpix import load_sky as load_sky
    from .sky.moon import Observation as Observation
    from .sky.moon import Site as Site
    from .sky.receiver import Receiver as Receiver
    from .sky.seen import antenna_temperature as antenna_temperature
    from .sky.temperature import noise_budget as noise_budget
    from .sky.temperature import noise_ratio as noise_ratio
    from .solution import Efficiency as Efficiency
    from .solution import FarField as FarField
    from .solution import Solution as Solution
    from .solution import load as load
    from .solvers.registry import solve as solve
    from .tolerances.tolerance import tolerance as tolerance


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        value = getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
