import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ConnectionLostError } from "@web/core/network/rpc";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, onMounted, onWillUnmount } from "@odoo/owl";

/** Milliseconds between two readings of a synchronisation that is not over. */
export const REFRESH_DELAY = 2500;
const UNDER_WAY = ["queued", "running", "paused"];

/**
 * State of a synchronisation: while it waits or runs, the form reads its record again
 * every few seconds. It reads nothing while a person types in the form or looks at
 * another tab, nor once the synchronisation is over or the form is left.
 */
export class Sage100ProgressField extends Component {
    static template = "account_receivable_followup.Sage100ProgressField";
    static props = { ...standardFieldProps };

    setup() {
        this.timer = null;
        this.left = false;
        onMounted(() => this.plan());
        onWillUnmount(() => {
            this.left = true;
            clearTimeout(this.timer);
        });
    }

    get state() {
        return this.props.record.data[this.props.name];
    }

    get isUnderWay() {
        return UNDER_WAY.includes(this.state);
    }

    plan() {
        clearTimeout(this.timer);
        if (!this.left) {
            this.timer = setTimeout(() => this.refresh(), REFRESH_DELAY);
        }
    }

    async refresh() {
        const { record } = this.props;
        if (this.isUnderWay && !document.hidden && record.resId) {
            try {
                if (!(await record.isDirty())) {
                    await record.load();
                }
            } catch (error) {
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
                // The server restarts, or the network is down: the next reading tells.
            }
        }
        this.plan();
    }
}

export const sage100ProgressField = {
    component: Sage100ProgressField,
    displayName: _t("Progress of a synchronisation"),
    supportedTypes: ["selection"],
};

registry.category("fields").add("sage100_progress", sage100ProgressField);
