"""Success by task and language in the terminal: each rate with its number of episodes and its interval."""

from collections.abc import Sequence

from rich.table import Table

from sovereign_robot.evaluation.matrix import Row


def success_table(rows: Sequence[Row], names: Sequence[str]) -> Table:
    """One line per row, one column per name: a split, all of them, or a control arm."""
    table = Table("", *(name.replace("_", " ") for name in names))
    for row in rows:
        cells = []
        for rate in (row.rates[name] for name in names):
            lower, upper = rate.interval
            cells.append(f"{rate.value:.0%} {rate.successes}/{rate.n}\n{lower:.0%} .. {upper:.0%}")
        table.add_row(row.name, *cells)
    return table
