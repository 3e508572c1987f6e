import io
import pickle
import tempfile

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import mpl_toolkits.mplot3d
import numpy as np
import pylab
from mpl_toolkits.axes_grid1 import make_axes_locatable
from shown import uses

uses(matplotlib="matplotlib", numpy="numpy", PIL="Pillow", pyparsing="pyparsing", contourpy="contourpy")
uses(fontTools="fonttools")
print(mpl_toolkits.mplot3d.Axes3D.__module__, pylab.plot.__module__)
with tempfile.TemporaryDirectory() as directory:
    for kind in ("png", "svg", "pdf", "jpg"):
        figure, (left, right) = plt.subplots(1, 2)
        image = left.imshow(np.arange(16).reshape(4, 4), cmap="viridis")
        figure.colorbar(image, cax=make_axes_locatable(left).append_axes("right", size="5%"))
        right.contour(np.outer(np.arange(5), np.arange(5)))
        right.set_title(r"$\sqrt{x_1}$ and text")
        mpl.rcParams["svg.hashsalt"] = "salt"
        figure.savefig(f"{directory}/figure.{kind}")
        with open(f"{directory}/figure.{kind}", "rb") as file:
            print(kind, file.read(4), figure.get_size_inches().tolist())
        plt.close(figure)
figure = plt.figure()
axes = figure.add_subplot(projection="3d")
axes.plot_surface(*np.meshgrid(np.arange(4), np.arange(4)), np.ones((4, 4)))
again = pickle.loads(pickle.dumps(figure))
buffer = io.BytesIO()
again.savefig(buffer, format="png", dpi=40)
print(plt.imread(io.BytesIO(buffer.getvalue())).shape, sorted(plt.style.available)[:2])
