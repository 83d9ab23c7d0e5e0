"""The kernels by themselves: products, activations, rows of an embedding, steps of the optimizers; how they compile."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from repro import kernels, numerics
from repro.backend import chosen, keras
from repro.engines.fast.dense import Dense, Loss, loss_and_derivative
from repro.engines.fast.network import Network
from repro.engines.fast.structure import DenseLayer, LSTMLayer
from repro.engines.fast.weights import LSTM, Weights
from repro.errors import DataWarning
from repro.kernels import embedding as words
from repro.kernels import updates
from repro.kernels.blas import add_outer, gemm, gemm_packed, pack
from repro.kernels.compiled import CodeOnDisk
from repro.kernels.functions import HARD_SIGMOID, RELU, SIGMOID, TANH, activate, multiply_by_slope
from repro.kernels.stamp import SOURCES

Array = NDArray[Any]

# Matrix products


def whole(x: Array) -> Array:
    return np.ascontiguousarray(x)


def some_columns(x: Array) -> Array:
    wider = np.full((len(x), x.shape[1] + 5), np.nan, x.dtype)
    wider[:, 2:-3] = x
    return wider[:, 2:-3]


Layout = Callable[[Array], Array]
LAYOUTS: list[Layout] = [whole, some_columns]
SHAPES = [(3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1), (1, 1, 5), (3, 1, 1), (1, 4, 1), (1, 1, 1), (40, 70, 30)]
"""m, k, n: `(m, k) @ (k, n)`"""
TILED = [(33, 128, 200), (130, 45, 130), (70, 300, 65), (9, 16_000, 64), (200, 7, 64), (65, 5, 129)]
"""Sizes at which products are split into tiles, in one or more directions; some tiles are smaller than others."""


def product(a: Array, b: Array, out: Array) -> None:
    gemm(a, b, out)


def packed_product(a: Array, b: Array, out: Array) -> None:
    packed = np.empty(b.size, b.dtype)
    pack(b, packed, False)
    again = np.empty_like(packed)
    pack(np.ascontiguousarray(b.T), again, True)
    assert packed.tobytes() == again.tobytes()
    gemm_packed(a, packed, out)


def outer_product(a: Array, b: Array, out: Array) -> None:
    add_outer(whole(a.T), b, out)


def check(
    multiply: Callable[[Array, Array, Array], None], shape: tuple[int, int, int], dtype: Any, layout: Layout
) -> None:
    """Within the bound of any order of summation: k units in the last place of the sum of the absolute products."""
    random = np.random.default_rng(sum(shape))
    m, k, n = shape
    a, b, out = (layout(random.normal(size=size).astype(dtype)) for size in ((m, k), (k, n), (m, n)))
    exact_a, exact_b = a.astype(np.float64), b.astype(np.float64)
    expected = exact_a @ exact_b + out
    bound = (np.abs(exact_a) @ np.abs(exact_b) + np.abs(out)) * (k + 1) * np.finfo(dtype).eps
    multiply(a, b, out)
    assert (np.abs(out - expected) <= bound).all()
    if layout is some_columns:
        wider = out.base
        assert isinstance(wider, np.ndarray)
        assert np.isnan(wider[:, :2]).all()
        assert np.isnan(wider[:, -3:]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("multiply", [product, packed_product, outer_product])
def test_a_product_is_added_to_what_is_there(
    multiply: Callable[[Array, Array, Array], None], layout: Layout, dtype: Any
) -> None:
    for shape in [*SHAPES, *TILED]:
        check(multiply, shape, dtype, layout)


@pytest.mark.parametrize("multiply", [product, packed_product, outer_product])
@pytest.mark.parametrize("shape", [(0, 4, 5), (3, 4, 0), (0, 0, 0), (3, 0, 5)])
def test_a_product_without_elements_adds_nothing(
    multiply: Callable[[Array, Array, Array], None], shape: tuple[int, int, int]
) -> None:
    m, k, n = shape
    out = np.full((m, n), 7, np.float32)
    multiply(np.ones((m, k), np.float32), np.ones((k, n), np.float32), out)
    assert (out == 7).all()


# Activations


def hard_sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(0.2 * x + 0.5, 0, 1)


EXACT: dict[int, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    TANH: np.tanh,
    SIGMOID: expit,
    HARD_SIGMOID: hard_sigmoid,
    RELU: lambda x: np.maximum(x, 0),
}
NAMES = {TANH: "tanh", SIGMOID: "sigmoid", HARD_SIGMOID: "hard sigmoid", RELU: "relu"}
ERRORS = {TANH: 3e-7, SIGMOID: 2e-7, HARD_SIGMOID: 1.5e-7, RELU: 0}
"""Largest absolute errors in float32, whose numbers near 1 are 1.2e-7 apart; of float64, 4e-16."""


def activated(x: Array, function: int) -> Array:
    y = x.copy()
    activate(y, function)
    return y


POINTS = np.concatenate([np.linspace(-20, 20, 100_001), np.logspace(-40, 38, 10_001), -np.logspace(-40, 38, 10_001)])


@pytest.mark.parametrize("function", EXACT, ids=NAMES.get)
def test_an_activation_is_within_a_few_units_in_the_last_place(function: int) -> None:
    x = POINTS.astype(np.float32)
    assert np.abs(activated(x, function) - EXACT[function](x.astype(np.float64))).max() <= ERRORS[function]
    assert np.abs(activated(POINTS, function) - EXACT[function](POINTS)).max() <= 4e-16


def test_tanh_keeps_the_relative_size_of_what_is_small() -> None:
    x = np.logspace(-30, -2, 1_000).astype(np.float32)
    np.testing.assert_allclose(activated(x, TANH), np.tanh(x.astype(np.float64)), rtol=5e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", [TANH, SIGMOID, HARD_SIGMOID], ids=NAMES.get)
def test_bounded_activations_stay_within_their_bounds(function: int, dtype: type[np.floating[Any]]) -> None:
    """Beyond 1 the slope would have the wrong sign."""
    y = activated(POINTS.astype(dtype), function)
    assert y.min() >= (-1 if function == TANH else 0)
    assert y.max() <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", EXACT, ids=NAMES.get)
def test_nan_stays_nan_and_infinity_has_its_limit(function: int, dtype: type[np.floating[Any]]) -> None:
    """Otherwise a run that diverges would go unnoticed."""
    y = activated(np.array([np.nan, np.inf, -np.inf] * 7, dtype), function)
    assert np.isnan(y[::3]).all()
    above, below = {TANH: (1, -1), RELU: (np.inf, 0)}.get(function, (1, 0))
    assert (y[1::3] == above).all()
    assert (y[2::3] == below).all()


def test_minus_0_stays_so_through_tanh() -> None:
    assert np.signbit(activated(np.array([-0.0], np.float32), TANH)).all()


@pytest.mark.parametrize("function", EXACT, ids=NAMES.get)
def test_an_element_does_not_depend_on_its_place_in_the_array(function: int) -> None:
    """Sixteen at a time or one by one, the bits are the same."""
    x = np.random.default_rng(3).normal(0, 3, 67).astype(np.float32)
    whole = activated(x, function)
    for size in (0, 1, 7, 15, 16, 17, 33):
        for start in (0, 1, 5):
            part = activated(x[start : start + size], function)
            assert part.tobytes() == whole[start : start + size].tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", EXACT, ids=NAMES.get)
def test_a_slope_from_the_value_is_that_at_the_argument(function: int, dtype: type[np.floating[Any]]) -> None:
    """Central differences in float64; not at the kinks, where it is 0, as Keras has it."""
    x = np.linspace(-4.01, 4, 1_000)
    numerical = (EXACT[function](x + 1e-6) - EXACT[function](x - 1e-6)) / 2e-6
    d = np.full(len(x), 3, dtype)
    multiply_by_slope(d, EXACT[function](x).astype(dtype), function)
    np.testing.assert_allclose(d, 3 * numerical, rtol=0, atol=2e-6)
    kinks = {HARD_SIGMOID: [0, 1], RELU: [0]}.get(function, [])
    d = np.ones(len(kinks), dtype)
    multiply_by_slope(d, np.array(kinks, dtype), function)
    assert not d.any()


@pytest.mark.parametrize("loss", ["binary_crossentropy", "categorical_crossentropy"])
def test_the_loss_of_a_certain_network_is_neither_infinite_nor_0(loss: Loss) -> None:
    """Logits of 1,000 and -1,000, as probabilities 1 and 0: certain and wrong costs 1,000 or 2,000, not infinity."""
    logits = np.array([[1_000, -1_000], [1_000, -1_000]], np.float32)
    y = np.array([[1, 0], [0, 1]], np.int32) if loss == "binary_crossentropy" else np.array([0, 1], np.int32)
    value, derivative = loss_and_derivative(loss, logits, y)
    assert value == {"binary_crossentropy": 500, "categorical_crossentropy": 1_000}[loss]
    share = 4 if loss == "binary_crossentropy" else 2
    np.testing.assert_array_equal(derivative, np.array([[0, 0], [1, -1]]) / share)


# Rows of an embedding


TOKENS = np.array([5, 0, 3, 5, 5, 9, 0, 3, 3, 5], np.int32)


@pytest.mark.parametrize("tokens", [TOKENS, TOKENS[:1], TOKENS[:0], np.tile(TOKENS, 50)], ids=len)
def test_words_are_numbered_as_they_come(tokens: NDArray[np.int32]) -> None:
    numbers, entry = np.full(10, -1, np.int32), np.empty(len(tokens), np.int32)
    different = words.number(tokens, numbers, entry)
    in_order, first = np.unique(tokens, return_index=True)
    assert different.tolist() == in_order[np.argsort(first)].tolist()
    assert np.array_equal(different[entry], tokens)
    assert (numbers == -1).all()


def test_rows_are_gathered_and_scattered_with_their_masks() -> None:
    """Against NumPy's own indexing, `np.add.at` for words that come more than once."""
    random = np.random.default_rng(4)
    entry = np.array([2, 0, 2, 2, 1], np.int32)
    of = np.array([0, 0, 1, 2, 2], np.int32)
    rows, values, mask = (random.normal(size=(n, 4)).astype(np.float32) for n in (3, 5, 3))

    out = np.empty((5, 4), np.float32)
    words.gather(rows, entry, mask, of, out)
    np.testing.assert_array_equal(out, rows[entry] * mask[of])

    for add, added in ((words.add_rows, values), (words.add_squared_rows, values**2)):
        sums, expected = np.ones((3, 4), np.float32), np.ones((3, 4), np.float64)
        add(values, entry, sums)
        np.add.at(expected, entry, added)
        np.testing.assert_allclose(sums, expected, rtol=1e-6)

    out = np.ones((5, 4), np.float32)
    words.add_masked(values, mask, of, out)
    np.testing.assert_allclose(out, 1 + values * mask[of], rtol=0, atol=1e-6)


def test_tokens_are_packed_step_by_step() -> None:
    x = np.array([[1, 2, 3], [0, 4, 5], [0, 0, 6]], np.int32)
    first, last, position = (np.array(each, np.int64) for each in ([0, 0, 1], [1, 2, 3], [0, 1, 2]))
    word, row = np.full(6, -1, np.int32), np.full(6, -1, np.int32)
    words.pack(x, first, last, position, word, row)
    assert word.tolist() == [1, 2, 4, 5, 6, -1]
    assert row.tolist() == [0, 0, 1, 1, 2, -1]


# Steps of the optimizers


def steps_of_keras(optimizer: Any, w: Array, gradients: list[Array]) -> list[Array]:
    """The weights after Keras' steps, then what the optimizer remembers of them."""
    variable = keras.Variable(w)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    slots = [getattr(optimizer, name, None) for name in ("_accumulators", "_momentums", "_velocities")]
    return [np.array(variable), *(np.array(slot[0]) for slot in slots if slot)]


OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "rmsprop, epsilon inside": lambda: keras.optimizers.RMSprop(0.01, rho=0.8, epsilon=1e-3),
    "rmsprop, epsilon outside": lambda: numerics.optimizer(
        keras.optimizers.RMSprop(0.01, rho=0.8, epsilon=1e-3), "source"
    ),
    "adam": lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
    "sgd": lambda: keras.optimizers.SGD(0.01),
    "adagrad": lambda: keras.optimizers.Adagrad(0.01, initial_accumulator_value=0.1, epsilon=1e-3),
    "nadam": lambda: keras.optimizers.Nadam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
}


@pytest.mark.skipif(chosen() != "tensorflow", reason="on others Keras has optimizers whose state is kept elsewhere")
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_keras_for_words_in_the_batch_and_for_others(name: str) -> None:
    """Five steps; a word that is in some batches only, or in none, has the gradient 0 in the others."""
    random = np.random.default_rng(5)
    w = random.normal(size=(6, 3)).astype(np.float32)
    ours, m, v, a = w.copy(), np.zeros_like(w), np.zeros_like(w), np.full_like(w, 0.1)
    gradients = []
    u = [np.float32(0.8 * (1 - 0.96**step / 2)) for step in range(1, 7)]
    for step in range(1, 6):
        entry = np.full(6, -1, np.int32)
        present = [4, 1, 2] if step % 2 else [1, 5]
        entry[present] = np.arange(len(present))
        rows = random.normal(0, 10.0 ** -random.integers(0, 4), (len(present), 3)).astype(np.float32)
        dense = np.zeros_like(w)
        dense[present] = rows
        gradients.append(dense)
        row_gradients = updates.RowGradients(rows, rows * rows, entry)
        rate, epsilon = np.float32(0.01), np.float32(1e-3)
        rest_1, rest_2 = np.float32(0.2), np.float32(0.05)
        match name:
            case "sgd":
                updates.sgd(ours, row_gradients, rate)
                arrays = [ours]
            case "adagrad":
                updates.adagrad(ours, a, row_gradients, rate, epsilon)
                arrays = [ours, a]
            case "adam":
                corrected = rate * np.sqrt(1 - np.float32(0.95) ** step) / (1 - np.float32(0.8) ** step)
                updates.adam(ours, m, v, row_gradients, corrected, rest_1, rest_2, epsilon)
                arrays = [ours, m, v]
            case "nadam":
                of_m = rate * u[step] / (1 - np.prod(u[: step + 1]))
                of_g = rate * (1 - u[step - 1]) / (1 - np.prod(u[:step]))
                scale = 1 / (1 - np.float32(0.95) ** step)
                updates.nadam(ours, m, v, row_gradients, of_m, of_g, rest_1, rest_2, scale, epsilon)
                arrays = [ours, m, v]
            case _:
                updates.rmsprop(ours, v, row_gradients, rate, np.float32(0.8), rest_1, epsilon, "outside" in name)
                arrays = [ours, v]
        for one, other in zip(arrays, steps_of_keras(OPTIMIZERS[name](), w, gradients), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    assert (ours[0] == w[0]).all()
    assert (ours[4] != w[4]).all()


@pytest.mark.parametrize("outside", [True, False], ids=["outside", "inside"])
def test_what_stands_for_the_square_of_a_gradient_is_its_own_argument(outside: bool) -> None:
    """Stock Keras uses another number for a word that occurs more than once."""
    w, m, v = (np.zeros((1, 2), np.float32) for _ in range(3))
    g, squares = np.array([[3, 3]], np.float32), np.array([[3, 9]], np.float32)
    gradients = updates.RowGradients(g, squares, np.zeros(1, np.int32))
    one = np.float32(1)
    updates.rmsprop(w, v, gradients, one, np.float32(0), one, np.float32(0), outside)
    np.testing.assert_allclose(w, [[-(3**0.5), -1]], rtol=1e-6)
    w.fill(0)
    v.fill(0)
    updates.adam(w, m, v, gradients, one, one, one, np.float32(0))
    np.testing.assert_allclose(w, [[-(3**0.5), -1]], rtol=1e-6)
    w.fill(0)
    v.fill(0)
    updates.adagrad(w, v, gradients, one, np.float32(0))
    np.testing.assert_allclose(w, [[-(3**0.5), -1]], rtol=1e-6)
    w.fill(0)
    v.fill(0)
    updates.nadam(w, m, v, gradients, np.float32(0), one, one, one, one, np.float32(0))
    np.testing.assert_allclose(w, [[-(3**0.5), -1]], rtol=1e-6)


# Compilation


def compiled() -> dict[str, Any]:
    """All kernels by name."""
    modules = [
        importlib.import_module(f"repro.kernels.{module.name}") for module in pkgutil.iter_modules(kernels.__path__)
    ]
    return {
        f"{module.__name__}.{name}": each
        for module in modules
        for name, each in vars(module).items()
        if hasattr(each, "targetoptions") and each.__module__ == module.__name__
    }


def test_every_kernel_lets_other_threads_run_and_keeps_the_order_of_operations() -> None:
    all_kernels = compiled()
    assert len(all_kernels) > 20
    for name, each in all_kernels.items():
        assert each.targetoptions["nogil"], name
        assert each.targetoptions["fastmath"] == {"contract"}, name
        assert each.targetoptions["error_model"] == "numpy", name


def small_network(units: int = 4, width: int = 3) -> Network:
    random = np.random.default_rng(6)

    def array(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.5, shape).astype(np.float32)

    weights = [Weights(array(4, width, units), array(4, units, units), array(4, units)) for _ in range(2)]
    layer = LSTMLayer(
        position=1,
        lstm=LSTM(weights, SIGMOID, TANH, sequences=False),
        before=None,
        dropout=0.5,
        recurrent_dropout=0.5,
        masks=4,
    )
    return Network(array(9, width), None, [layer], [DenseLayer(Dense(array(2 * units, 1), array(1), None), None)], LOSS)


LOSS: Loss = "binary_crossentropy"


def trained_bits(network: Network, rows: int = 5, maxlen: int = 40) -> bytes:
    """Of the gradient of a batch, with dropout."""
    random = np.random.default_rng(7)
    x = random.integers(0, 9, (rows, maxlen)).astype(np.int32)
    x[:, : maxlen // 2] = 0

    def draw(site: str, shape: tuple[int, ...], rate: float) -> NDArray[np.float32]:
        return (2 * random.integers(0, 2, shape)).astype(np.float32)

    gradient = network.gradient(x, random.integers(0, 2, rows).astype(np.int32), draw)
    arrays = [np.float64(gradient.loss), gradient.embedding.sums, *gradient.others]
    return b"".join(array.tobytes() for array in arrays)


def test_two_networks_at_once_compute_what_they_do_one_after_the_other() -> None:
    def bits(network: Network) -> set[bytes]:
        return {trained_bits(network) for _ in range(30)}

    with ThreadPoolExecutor(2) as pool:
        together = pool.map(bits, (small_network(), small_network()))
    assert set().union(*together) == {trained_bits(small_network())}


@pytest.mark.slow
def test_two_threads_share_the_work() -> None:
    networks = [small_network(64, 64) for _ in range(2)]

    def work(network: Network) -> None:
        for _ in range(5):
            trained_bits(network, rows=64, maxlen=200)

    work(networks[0])
    start = time.perf_counter()
    for network in networks:
        work(network)
    one_by_one = time.perf_counter() - start
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, networks))
    together = time.perf_counter() - start
    print(f"\n{one_by_one:.2f} s one after the other, {together:.2f} s at once")
    assert together < 0.8 * one_by_one


def print_bits() -> None:
    """For another process: print the bits of a gradient, and how many kernels were compiled or loaded from disk."""
    bits = trained_bits(small_network()).hex()
    counts = {
        kind: sum(sum(getattr(each.stats, f"cache_{kind}").values()) for each in compiled().values())
        for kind in ("hits", "misses")
    }
    print(json.dumps({"bits": bits, **counts}))


def print_sums(letters: str) -> None:
    """For another process: print sums by a kernel, for each of these types, and how often it was loaded from disk."""
    for letter in letters:
        out = np.zeros((1, 1), letter)
        gemm(np.ones((1, 2), letter), np.ones((2, 1), letter), out)
        print(out[0, 0], out.dtype, sum(gemm.stats.cache_hits.values()))  # type: ignore[attr-defined]


def start(code: str, *folders: Path | str, **variables: Path) -> subprocess.Popen[str]:
    """Start Python code in a new process that finds modules in these folders."""
    environment = {"PYTHONPATH": os.pathsep.join(map(str, folders))} | {k: str(v) for k, v in variables.items()}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code], env=os.environ | environment, stdout=subprocess.PIPE, text=True
    )


def python(code: str, *folders: Path | str, **variables: Path) -> str:
    """What Python code prints in a new process; see `start`."""
    process = start(code, *folders, **variables)
    printed, _ = process.communicate()
    assert process.returncode == 0
    return printed


HERE = Path(__file__).parent


def test_a_second_process_compiles_nothing_and_computes_the_same_bits() -> None:
    here = trained_bits(small_network())
    output = json.loads(python("import test_kernels; test_kernels.print_bits()", HERE, *sys.path))
    assert output["bits"] == here.hex()
    assert output["misses"] == 0
    assert output["hits"] > 10


def test_processes_that_compile_at_once_do_not_spoil_what_the_others_keep(tmp_path: Path) -> None:
    """One compiles for float32, the other for float64, in a folder that is empty for both."""
    code = "import test_kernels; test_kernels.print_sums({!r})"
    paths: list[Path | str] = [HERE, *sys.path]
    started = [start(code.format(letter), *paths, NUMBA_CACHE_DIR=tmp_path) for letter in "fd"]
    alone = [process.communicate()[0].split() for process in started]
    assert [words[:2] for words in alone] == [["2.0", "float32"], ["2.0", "float64"]]
    together = python(code.format("fd"), *paths, NUMBA_CACHE_DIR=tmp_path).splitlines()
    assert together == ["2.0 float32 1", "2.0 float64 2"]


@pytest.mark.parametrize("damage", ["cut short", "of another numba", "of other sources", "for other types"])
def test_compiled_code_that_is_damaged_or_of_something_else_is_not_taken_up(tmp_path: Path, damage: str) -> None:
    on_disk = CodeOnDisk(tmp_path, "kernel")
    key = ("types", "processor", "source")
    on_disk.save(key, "code")
    assert on_disk.load(key) == "code"
    (path,) = tmp_path.glob("*.nbc")
    match damage:
        case "cut short":
            path.write_bytes(path.read_bytes()[:-3])
        case "of another numba":
            on_disk.made_of = ("0.1", SOURCES)
        case "of other sources":
            on_disk.made_of = (on_disk.made_of[0], b"other")
        case "for other types":
            on_disk.save(("other types", *key[1:]), "other code")
            (other,) = set(tmp_path.glob("*.nbc")) - {path}
            other.replace(path)
    assert on_disk.load(key) is None
    on_disk.save(key, "new code")
    assert on_disk.load(key) == "new code"


def test_each_processor_has_code_of_its_own(tmp_path: Path) -> None:
    """As in a home that several machines share; new sources take the place of old ones."""
    on_disk = CodeOnDisk(tmp_path, "kernel")
    for processor in ("one", "other"):
        on_disk.save(("types", processor, "source"), processor)
    assert [on_disk.load(("types", processor, "source")) for processor in ("one", "other")] == ["one", "other"]
    on_disk.save(("types", "one", "new source"), "new")
    assert on_disk.load(("types", "one", "source")) is None
    assert len(list(tmp_path.glob("*.nbc"))) == 2


def test_compiled_code_that_cannot_be_kept_costs_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.warns(DataWarning, match="compiled code is not kept for the next time"):
        CodeOnDisk(tmp_path / "file", "kernel").save(("types", "processor", "source"), "code")


def test_two_processes_that_need_a_kernel_at_once_compile_it_once(tmp_path: Path) -> None:
    """The one that comes second waits, and loads what the first has compiled."""
    code = "import tests.kernels.test_kernels as t; t.print_sums('f')"
    root = Path(__file__).parents[2]
    started = [start(code, root, root / "tests", NUMBA_CACHE_DIR=tmp_path) for _ in range(3)]
    loaded = [process.communicate()[0].split() for process in started]
    assert [each[:2] for each in loaded] == [["2.0", "float32"]] * 3
    assert sorted(each[2] for each in loaded) == ["0", "1", "1"]


def test_a_process_that_is_killed_while_it_compiles_holds_up_nobody(tmp_path: Path) -> None:
    key = ("types", "processor", "source")
    folders = [Path(kernels.__file__).parents[2]]
    code = f"""
from pathlib import Path
from repro.kernels.compiled import CodeOnDisk
on_disk = CodeOnDisk(Path({str(tmp_path)!r}), "kernel")
assert on_disk.load({key!r}) is None
print("compiling", flush=True)
import time; time.sleep(60)
"""
    holder = start(code, *folders, NUMBA_CACHE_DIR=tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "compiling\n"
    other = CodeOnDisk(tmp_path, "kernel")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other.load, key)
        time.sleep(0.3)
        assert not waiting.done()
        holder.kill()
        assert waiting.result(timeout=20) is None
    other.save(key, "code")
    assert other.load(key) == "code"


LINES = "from repro.kernels.compiled import kernel\n\n@kernel\ndef {}(x):\n    return {}\n"
CALL_OUTER = "from repro.kernels.outer import outer; print(outer(5), sum(outer.stats.cache_hits.values()))"


def two_kernels(folder: Path) -> Path:
    """A package `repro` in a folder with two kernels alone: `outer` calls `inner`, whose file is returned."""
    package = folder / "repro" / "kernels"
    package.mkdir(parents=True)
    for empty in (package.parent, package):
        (empty / "__init__.py").touch()
    for module in ("kernels/compiled.py", "kernels/stamp.py", "cache.py", "errors.py", "files.py"):
        shutil.copy(Path(kernels.__file__).parents[1] / module, package.parent / module)
    (package / "outer.py").write_text("from repro.kernels.inner import inner\n" + LINES.format("outer", "inner(x)"))
    (package / "inner.py").write_text(LINES.format("inner", "x + 1"))
    return package / "inner.py"


def test_a_kernel_is_compiled_anew_when_one_that_it_calls_has_changed(tmp_path: Path) -> None:
    """Numba's own cache looks only at the file of the kernel itself."""
    inner = two_kernels(tmp_path)
    results = []
    for value in ("x + 1", "x + 1", "x + 2"):
        inner.write_text(LINES.format("inner", value))
        results.append(python(CALL_OUTER, tmp_path, NUMBA_CACHE_DIR=tmp_path / "cache").split())
    assert results == [["6", "0"], ["6", "1"], ["7", "0"]]


def test_a_kernel_is_loaded_wherever_the_package_is_installed(tmp_path: Path) -> None:
    results = []
    for place in ("here", "there"):
        two_kernels(tmp_path / place)
        results.append(python(CALL_OUTER, tmp_path / place, NUMBA_CACHE_DIR=tmp_path / "cache").split())
    assert results == [["6", "0"], ["6", "1"]]
