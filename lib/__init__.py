"""The rules of the trade in plain Python: nothing here imports Odoo."""
