import { Component, onWillStart, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

const LEVELS = { failed: "danger", never: "warning", stale: "warning" };

/** How old the entries are, above every follow-up screen: quiet when they are up to date. */
export class FreshnessBanner extends Component {
    static template = "account_receivable_followup.FreshnessBanner";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ state: "none", text: "", sync_id: false });
        onWillStart(() => this.load());
    }

    /** The banner must never keep a screen from opening. */
    async load() {
        try {
            Object.assign(this.state, await this.orm.silent.call("followup.freshness", "get_banner", []));
        } catch {
            this.state.state = "none";
        }
    }

    get level() {
        return LEVELS[this.state.state];
    }

    open() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sage100.sync",
            res_id: this.state.sync_id,
            views: [[false, "form"]],
        });
    }
}

/** The view with the banner above its renderer, in a template that extends the view's own. */
function withBanner(view, Controller, template) {
    return {
        ...view,
        Controller: class extends Controller {
            static template = template;
            static components = { ...Controller.components, FreshnessBanner };
        },
    };
}

const views = registry.category("views");
views.add("followup_list", withBanner(listView, ListController, "account_receivable_followup.ListView"));
views.add("followup_kanban", withBanner(kanbanView, KanbanController, "account_receivable_followup.KanbanView"));
views.add("followup_form", withBanner(formView, FormController, "account_receivable_followup.FormView"));
