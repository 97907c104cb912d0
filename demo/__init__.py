"""Demonstration material that is not Odoo data; the add-on imports none of it."""
