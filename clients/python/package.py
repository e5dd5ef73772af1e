"""Make a wheel and an sdist of foliocast.py in a folder, without network: package.py FOLDER"""

import os
import shutil
import sys
import tempfile

import setuptools.build_meta

folder = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
os.makedirs(folder, exist_ok=True)
with tempfile.TemporaryDirectory() as scratch:  # the build leaves files beside the sources
    for name in ("foliocast.py", "pyproject.toml"):
        shutil.copy(os.path.join(here, name), scratch)
    os.chdir(scratch)
    made = [setuptools.build_meta.build_wheel(folder), setuptools.build_meta.build_sdist(folder)]
    os.chdir(here)
print("\n".join(os.path.join(folder, name) for name in made))
