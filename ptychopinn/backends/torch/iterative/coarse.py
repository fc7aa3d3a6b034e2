"""Update the object with the summed changes of a batch, on the pixel grid and on coarser grids."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.torch.iterative.patches import TILE, Canvas
from ptychopinn.backends.torch.iterative.updates import regularised

# Side of the finest coarse cells in pixels; coarser levels join 2 x 2 and 4 x 4 of them.
_CELL = 4
_PER_TILE = TILE // _CELL
_JOINED = (4, 2)


class ObjectUpdate:
    """Apply the summed changes of a batch to the object, and then reset the sums of the canvas to zero.

    Regularisation makes the update of single pixels incomplete; the remainder is computed on cells of 16, 8 and 4
    pixels and added. This removes slowly varying errors, which updates of single pixels correct last.
    """

    def __init__(self, canvas: Canvas, device: torch.device) -> None:
        self._values, self._pulled, self._dose = (
            Canvas.by_tile(each) for each in (canvas.values, canvas.pulled, canvas.dose)
        )
        self._zero = torch.zeros((), device=device)
        self._dark = torch.zeros((), dtype=torch.complex64, device=device)
        self._pool = torch.kron(torch.eye(_PER_TILE), torch.full((_CELL, 1), 1 / _CELL)).to(device)
        self._levels = [_Level(canvas.tiles, joined, _PER_TILE, device) for joined in _JOINED]
        self._pixels = _Level(canvas.tiles, 1, TILE, device)

    def __call__(self, tiles: Tensor, step: float, alpha: float, coarse: bool) -> None:
        """Change the pixels of ``tiles`` (2, tile) by ``step`` times the update."""
        rows, columns = tiles
        dose, pulled = self._dose[rows, columns], self._pulled[rows, columns]
        change = pulled * regularised(dose, alpha).reciprocal()
        if coarse:
            left = torch.view_as_real(pulled - dose * change).movedim(-1, 0)
            change = change + torch.complex(*self._smooth(tiles, left, dose, alpha))
        self._values[rows, columns] = torch.add(self._values[rows, columns], change, alpha=step)
        self._dose[rows, columns] = self._zero
        self._pulled[rows, columns] = self._dark

    def clear(self) -> None:
        """Forget an update that was interrupted."""
        for level in (*self._levels, self._pixels):
            level.clear()

    def _smooth(self, tiles: Tensor, left: Tensor, dose: Tensor, alpha: float) -> Tensor:
        """Return smooth changes (part, tile, TILE, TILE) that reduce the remainder ``left``."""
        pool = self._pool
        dose = pool.T @ dose @ pool
        left = pool.T @ left @ pool
        smooth = torch.zeros_like(left)
        for level in self._levels:
            cells = level.joined(left) / regularised(level.joined(dose), alpha)
            fine = level.spread(tiles, cells)
            smooth, left = smooth + fine, left - dose * fine
        return self._pixels.spread(tiles, smooth + left / regularised(dose, alpha))


class _Level:
    """A grid of coarse cells over a canvas, and bilinear interpolation from it to finer cells or pixels.

    Parameters
    ----------
    tiles : (int, int)
        Number of tile rows and tile columns of the canvas.
    joined : int
        Number of finest cells that form a cell of this grid, along each axis.
    fine : int
        Number of interpolated points per tile, along each axis.
    """

    def __init__(self, tiles: tuple[int, int], joined: int, fine: int, device: torch.device) -> None:
        self._joined, self._fine = joined, fine
        k = self._side = _PER_TILE // joined
        # A ring of cells that stay zero, for the neighbours of the outermost tiles.
        self._grid = torch.zeros(2, tiles[0] * k + 2, tiles[1] * k + 2, device=device)
        self._inner = self._grid[:, 1:-1, 1:-1].unfold(1, k, k).unfold(2, k, k)
        self._ringed = self._grid.unfold(1, k + 2, k).unfold(2, k + 2, k)
        # Point i of a tile lies at (i + 0.5) * k / fine - 0.5 in units of cells; the ring adds one.
        at = (torch.arange(fine) + 0.5) * k / fine + 0.5
        weights = (1 - (at[:, None] - torch.arange(k + 2)[None]).abs()).clamp_min(0)
        self._weights = torch.kron(weights, weights).T.contiguous().to(device)

    def clear(self) -> None:
        """Set all cells to zero."""
        self._grid.zero_()

    def joined(self, cells: Tensor) -> Tensor:
        """Average the finest cells (..., tile, cell, cell) over each cell of this grid, (..., tile, k, k)."""
        k, joined = self._side, self._joined
        return cells.reshape(*cells.shape[:-2], k, joined, k, joined).mean(dim=(-3, -1))

    def spread(self, tiles: Tensor, cells: Tensor) -> Tensor:
        """Interpolate cells (2, tile, k, k) to points (2, tile, fine, fine); cells of other tiles are zero."""
        rows, columns = tiles
        self._inner[:, rows, columns] = cells
        ringed = self._ringed[:, rows, columns].flatten(2)
        self._inner[:, rows, columns] = cells.new_zeros(())
        return (ringed @ self._weights).view(2, -1, self._fine, self._fine)
