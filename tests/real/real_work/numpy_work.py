import io
import pickle
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from shown import uses


def total(array):
    return np.__version__, float(array.sum())


if __name__ == "__main__":
    uses(numpy="numpy")
    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(30, 30))
    vector = generator.normal(size=30)
    print(np.allclose(matrix @ np.linalg.solve(matrix, vector), vector), round(float(np.linalg.det(matrix)), 3))
    print(np.round(np.abs(np.fft.fft(np.arange(8.0))), 3).tolist())
    table = np.array([("a", 1, 2.5), ("b", 2, 3.5)], dtype=[("name", "U4"), ("count", "i4"), ("size", "f8")])
    print(table["size"].mean(), table[table["count"] > 1]["name"].tolist())
    print(np.einsum("ij,kj->ik", np.eye(3), np.arange(9).reshape(3, 3)).tolist())
    print(np.ma.masked_less(np.arange(6), 3).sum(), np.datetime64("2024-02-28") + np.timedelta64(2, "D"))
    print(np.polynomial.Polynomial([1, 2, 1]).roots().tolist())
    with tempfile.TemporaryDirectory() as directory:
        np.savez_compressed(Path(directory, "kept.npz"), matrix=matrix, vector=vector)
        with np.load(Path(directory, "kept.npz")) as kept:
            print(np.array_equal(kept["matrix"], matrix), sorted(kept.files))
        mapped = np.memmap(Path(directory, "mapped"), dtype="f4", mode="w+", shape=(4, 4))
        mapped[:] = 2
        print(mapped.sum())
    print(np.loadtxt(io.StringIO("1,2\n3,4"), delimiter=",").tolist())
    print(np.array_equal(pickle.loads(pickle.dumps(matrix)), matrix))
    np.testing.assert_allclose(np.cumsum(np.ones(4)), [1, 2, 3, 4])
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(pool.submit(total, np.ones(5)).result())
