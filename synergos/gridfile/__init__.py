"""A grid in one file: written of any TTP, and a TTP brought to what it says.

grid = export_grid(driver)
write_grid(grid, "grid.json")
plan = plan_changes(driver, read_grid("grid.json"))
print(plan)
plan.apply()
"""

from synergos.gridfile.exporting import export_grid
from synergos.gridfile.files import read_grid, write_grid
from synergos.gridfile.layout import schema
from synergos.gridfile.plan import Change, Plan, plan_changes

__all__ = ["Change", "Plan", "export_grid", "plan_changes", "read_grid", "schema", "write_grid"]
