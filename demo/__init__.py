"""Demonstration material that is not Odoo data: nothing here is imported by the add-on."""
