def uninstall_hook(env):
    """Leave nothing of ours in the menus of `account`."""
    env["ir.ui.menu"]._followup_restore_root_menu()
