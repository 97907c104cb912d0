"""Windows that buttons open. Plain Python."""


def window(env, name, /, **values):
    """Return a window action of the add-on, with some of its values replaced: domain, context, res_id…"""
    return env["ir.actions.act_window"]._for_xml_id(f"account_receivable_followup.{name}") | values


def form_window(env, name, record, /, **values):
    """Return a window action of the add-on, on the form of one record."""
    return window(env, name, views=[(False, "form")], view_mode="form", res_id=record.id, **values)


def dialog(model, title, **context):
    """Return an action that opens a new record of a model in a dialog."""
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": model,
        "views": [(False, "form")],
        "target": "new",
        "context": context,
    }
