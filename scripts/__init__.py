"""Run-time of the add-on: everything behind the Makefile's commands.

Only the standard library is used, because these programs run before the virtual
environment exists. One file per concept; ``__main__`` lists the commands.
"""
