"""Records the numbers in fingerprints/: the probe of `repro fingerprint`, run on each Keras that can be installed.

    python record_fingerprints.py FOLDER [NAME ...]      all stacks, or those whose names begin with NAME

Makes what is missing in FOLDER, a Python environment for each set of packages (some 25 GB in all), and runs the probe
in it twice, on one thread. Writes fingerprints/STACK.json and says whether the two outputs were equal, byte by byte. It
needs `python3.7` to `python3.9` and `python3.11` on the PATH.

A stack of R runs the packages in FOLDER/STACK.rlib, a library that you fill; fingerprints/README.md has the versions.
Without that folder it is passed over.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROBES = HERE.parents[1] / "repro" / "fingerprint" / "scripts"
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "PYTHONNOUSERSITE": "1",
}

OLD = "numpy==1.16.2 h5py==2.10.0 protobuf==3.20.3"
ENVIRONMENTS = {  # name: (Python, packages)
    "tf-1.14": ("3.7", "tensorflow==1.14.0 " + OLD),
    "tf-1.15": ("3.7", "tensorflow-cpu==1.15.0 " + OLD),
    "tf-2.0": ("3.7", "tensorflow==2.0.4 " + OLD),
    "tf-2.1": ("3.7", "tensorflow-cpu==2.1.4 numpy==1.18.5 h5py==2.10.0 protobuf==3.20.3"),
    "tf-2.2": ("3.8", "tensorflow-cpu==2.2.3 numpy==1.18.5 protobuf==3.20.3"),
    "tf-2.3": ("3.8", "tensorflow-cpu==2.3.4 numpy==1.18.5 protobuf==3.20.3"),
    "tf-2.4": ("3.8", "tensorflow-cpu==2.4.4 numpy==1.19.5 protobuf==3.20.3"),
    "tf-2.5": ("3.8", "tensorflow-cpu==2.5.3 numpy==1.19.5 protobuf==3.20.3"),
    "tf-2.6": ("3.9", "tensorflow-cpu==2.6.5 keras==2.6.0 numpy==1.19.5 protobuf==3.19.6"),
    "tf-2.7": ("3.9", "tensorflow-cpu==2.7.4 numpy==1.23.5 protobuf==3.19.6"),
    "tf-2.8": ("3.9", "tensorflow-cpu==2.8.4 numpy==1.23.5 protobuf==3.19.6"),
    "tf-2.9": ("3.9", "tensorflow-cpu==2.9.3 numpy==1.23.5 protobuf==3.19.6"),
    "tf-2.10": ("3.9", "tensorflow-cpu==2.10.1 numpy==1.23.5 protobuf==3.19.6"),
    "tf-2.11": ("3.9", "tensorflow-cpu==2.11.1 numpy==1.23.5 protobuf==3.19.6"),
    "tf-2.12": ("3.11", "tensorflow-cpu==2.12.1 jax==0.4.38 jaxlib==0.4.38 numpy==1.24.3"),
    "tf-2.13": ("3.11", "tensorflow-cpu==2.13.1 numpy==1.24.3"),
    "tf-2.14": ("3.11", "tensorflow-cpu==2.14.1 numpy==1.26.4"),
    "tf-2.15": ("3.11", "tensorflow-cpu==2.15.1 numpy==1.26.4"),
    "keras-2.2.4": ("3.7", "keras==2.2.4 tensorflow==1.14.0 scipy==1.5.4 " + OLD),
    "keras-2.2.4-theano": ("3.7", "keras==2.2.4 theano==1.0.5 scipy==1.5.4 " + OLD),
    "keras-2.2.5-tf-1.14": ("3.7", "keras==2.2.5 tensorflow==1.14.0 scipy==1.5.4 " + OLD),
    "keras-2.3.1-tf-1.14": ("3.7", "keras==2.3.1 tensorflow==1.14.0 scipy==1.5.4 " + OLD),
    "keras-2.3.1-tf-2.0": ("3.7", "keras==2.3.1 tensorflow==2.0.4 scipy==1.5.4 " + OLD),
    "keras-2.3.1-tf-2.1": (
        "3.7",
        "keras==2.3.1 tensorflow-cpu==2.1.4 scipy==1.7.3 numpy==1.18.5 h5py==2.10.0 protobuf==3.20.3",
    ),
    "keras-3.0": ("3.11", "keras==3.0.5 tensorflow-cpu==2.16.2 jax==0.4.26 jaxlib==0.4.26 torch==2.13.0 numpy==1.26.4"),
    "keras-3.5": ("3.11", "keras==3.5.0 tensorflow-cpu==2.17.1 jax==0.4.33 jaxlib==0.4.33 torch==2.13.0 numpy==1.26.4"),
    "keras-3-new": (
        "3.11",
        "keras==3.15.1 tensorflow==2.21.0 tf_keras==2.21.0 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6",
    ),
}

STACKS = {  # name: (environment, what the probe is told, backend)
    **{"tf-keras-" + name[3:]: (name, "tf.keras", "tensorflow") for name in ENVIRONMENTS if name.startswith("tf-")},
    "tf_keras-2.21": ("keras-3-new", "tf_keras", "tensorflow"),
    "keras-2.2.4-tensorflow-1.14": ("keras-2.2.4", "keras", "tensorflow"),
    "keras-2.2.4-theano-1.0": ("keras-2.2.4-theano", "keras", "theano"),
    "keras-2.2.5-tensorflow-1.14": ("keras-2.2.5-tf-1.14", "keras", "tensorflow"),
    "keras-2.3.1-tensorflow-1.14": ("keras-2.3.1-tf-1.14", "keras", "tensorflow"),
    "keras-2.3.1-tensorflow-2.0": ("keras-2.3.1-tf-2.0", "keras", "tensorflow"),
    "keras-2.3.1-tensorflow-2.1": ("keras-2.3.1-tf-2.1", "keras", "tensorflow"),
    **{"keras-3.0-" + backend: ("keras-3.0", "keras", backend) for backend in ("tensorflow", "jax", "torch")},
    **{"keras-3.5-" + backend: ("keras-3.5", "keras", backend) for backend in ("tensorflow", "jax", "torch")},
    **{"keras-3.15-" + backend: ("keras-3-new", "keras", backend) for backend in ("tensorflow", "jax", "torch")},
}

R_STACKS = {  # name: (environment, R package, backend)
    "r-keras-2.2.5-tensorflow-1.14": ("tf-1.14", "keras", "tensorflow"),
    "r-keras-2.2.5-tensorflow-2.0": ("tf-2.0", "keras", "tensorflow"),
    "r-keras-2.4-tensorflow-2.4": ("tf-2.4", "keras", "tensorflow"),
    "r-keras-2.6-tensorflow-2.6": ("tf-2.6", "keras", "tensorflow"),
    "r-keras-2.6-tensorflow-2.11": ("tf-2.11", "keras", "tensorflow"),
    "r-keras-2.7-tensorflow-2.0": ("tf-2.0", "keras", "tensorflow"),
    "r-keras-2.7-tensorflow-2.7": ("tf-2.7", "keras", "tensorflow"),
    "r-keras-2.9-tensorflow-2.9": ("tf-2.9", "keras", "tensorflow"),
    "r-keras-2.11-tensorflow-2.11": ("tf-2.11", "keras", "tensorflow"),
    "r-keras-2.13-tensorflow-2.13": ("tf-2.13", "keras", "tensorflow"),
    "r-keras-2.15-tensorflow-2.15": ("tf-2.15", "keras", "tensorflow"),
    "r-keras3-1.0-tensorflow": ("keras-3.0", "keras3", "tensorflow"),
    **{"r-keras3-1.5-" + backend: ("keras-3-new", "keras3", backend) for backend in ("tensorflow", "jax", "torch")},
}


def python_of(folder, environment):
    """The interpreter of an environment, which is made if it is missing or was left half made."""
    version, packages = ENVIRONMENTS[environment]
    path = folder / environment
    if not (path / "ok").exists():
        subprocess.run(["python" + version, "-m", "venv", "--clear", path], check=True)
        pip = [path / "bin/python", "-m", "pip", "install", "-q", "--no-cache-dir", "--prefer-binary"]
        subprocess.run(pip + packages.split(), check=True)
        (path / "ok").touch()
    return path / "bin/python"


def record(stack, command, settings):
    """Runs the probe twice, writes the first output, and says whether they were equal."""
    outputs = []
    for _ in range(2):
        ran = subprocess.run(command, check=False, env={**os.environ, **settings}, capture_output=True)
        if ran.returncode:
            print(stack, "failed:", ran.stderr.decode(errors="replace")[-500:], sep="\n", flush=True)
            return
        outputs.append(ran.stdout)
    (HERE / "fingerprints" / (stack + ".json")).write_bytes(outputs[0])
    print(stack, "twice equal" if outputs[0] == outputs[1] else "two runs differ", sep=": ", flush=True)


if len(sys.argv) < 2:
    sys.exit("usage: python record_fingerprints.py FOLDER [NAME ...]")
folder = Path(sys.argv[1]).resolve()
names = tuple(sys.argv[2:]) or ("",)
(HERE / "fingerprints").mkdir(exist_ok=True)

os.environ.update(ONE_THREAD, KERAS_HOME=str(folder / "keras-home"))  # not what the user's keras.json says
for stack, (environment, argument, backend) in {**STACKS, **R_STACKS}.items():
    if not stack.startswith(names):
        continue
    library = folder / (stack + ".rlib")
    if stack in R_STACKS and not library.is_dir():
        print(stack, "passed over: no " + library.name, sep=": ")
        continue
    python = str(python_of(folder, environment))
    settings = {"KERAS_BACKEND": backend}
    if stack in R_STACKS:
        settings.update(R_LIBS=str(library), RETICULATE_PYTHON=python)
        record(stack, ["Rscript", PROBES / "probe.R", argument], settings)
    else:
        record(stack, [python, PROBES / "probe.py", argument], settings)
