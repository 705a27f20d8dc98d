"""Ships the data folders that stand beside the package inside it, as lunar_antenna/data/."""

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py

DATA = ("geometries", "soil_models", "measurements", "arrays")


class BuildWithData(build_py):
    """build_py, then the data folders."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # the folders are found beside the package
        for name in DATA:
            copytree(
                Path(__file__).parent / name,
                Path(self.build_lib) / "lunar_antenna" / "data" / name,
                dirs_exist_ok=True,
            )


setup(cmdclass={"build_py": BuildWithData})
